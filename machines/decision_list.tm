# Decision lists: if x3 = 1 then 0, else if x0 = 0 then 1, else ... (Rivest, 1987).
#
# Be greedy: take any rule "if feature = value then label" that holds for some of the examples and is right about all of those, put it
# at the end of the list, set the examples that it explains aside, and go on with the rest. Could the wrong choice of a rule lead
# astray? No: a list that is right about all examples is right about the rest, too, and its first rule that holds for any of them
# may be taken next. So if there is a list at all, the rest gets fewer until there is none.
#
# The list is never written down, because the query takes part. When a rule is found that holds for it, its answer is known. When it
# does not hold, the query stays, like the examples that the rule does not explain.
#
# The labels are moved to the work tape, so that both heads can go down in step, one along a feature, the other along the labels.
# An example is set aside by deleting its label there. What the labels leave behind is a column of ones, a feature that
# always holds: a rule for it is the "else" that ends a list. Rules are tried from there to the left, of a feature first that for the
# value 1, and once more from the right when one is found. If none is found, no list is right about the rest, and the answer is 0.

learner decision_list
    "Learns a decision list, rule by rule, until a rule holds for the query."

use "std.tm"

tape data: grid of _ 0 1   # rows: examples, then the query; last column: labels, and then ones
tape work: line of _ 0 1   # the labels of the examples that no rule explains yet, from top to bottom

# The labels take d + 2*m + 2 steps. Trying a rule takes at most 2*m + 2, there and back, and d more to go on from one that is found. For
# each feature at most one is found: with both, the rest would be all of one label, and "else" comes first. Before and with
# the one found for the i-th feature from the right at most 2*i + 2 are tried, and in the end all 2*d + 2: together d^2 + 5*d + 2.
bounds
    steps  (2*m + 2) * (d^2 + 5*d + 3) + d^2 + d
    work   m + 1

start move_labels(1, rewind(try(1, rewind(try(0, column)))))

# To the top of the column on the left, the work head back to the first label.
state column
    at top left                                          -> reject
    at top                            move left          -> try(1, rewind(try(0, column)))
    otherwise                         move up, left

# Down the column to the first example with this value that is not explained yet: the rule would have to give its label.
state try(value, next)
    at bottom                                            -> next
    on value, 1                       move down, right   -> rule(value, 1, accept, next)
    on value, 0                       move down, right   -> rule(value, 0, reject, next)
    otherwise                         move down, right

# On down the column. If all that have the value have this label, it is a rule.
state rule(value, label, answer, next)
    on value at bottom                                   -> answer
    at bottom                         move up, left      -> explain(value)
    on value, label|_                 move down, right
    on value                                             -> next
    otherwise                         move down, right

# Up the column, and what has the value is explained.
state explain(value)
    on value at top      write ., _                      -> to_label(try(1, rewind(try(0, column))))
    at top                                               -> to_label(try(1, rewind(try(0, column))))
    on value             write ., _   move up, left
    otherwise                         move up, left

test "if x2 then 0 else x0"
    example 1 0 1 -> 0
    example 0 1 1 -> 0
    example 1 1 0 -> 1
    example 0 1 0 -> 0
    query   1 0 0 -> 1

test "three rules"
    example 1 1 1 -> 1
    example 1 0 1 -> 1
    example 0 1 1 -> 0
    example 0 0 1 -> 0
    example 1 0 0 -> 1
    example 0 0 0 -> 1
    query   0 1 1 -> 0

test "else"
    example 1 1 1 -> 0
    example 0 0 1 -> 0
    example 1 1 0 -> 1
    example 0 1 0 -> 1
    query   0 0 0 -> 1

test "no list: the exclusive or"
    example 0 0 -> 0
    example 0 1 -> 1
    example 1 0 -> 1
    example 1 1 -> 0
    query   0 1 -> 0

test "one example, one feature"
    example 0 -> 1
    query   0 -> 1

test "all alike"
    example 1 1 -> 1
    example 1 1 -> 1
    query   1 0 -> 1

test "contradictory examples are not in the way of others"
    example 1 0 -> 1
    example 1 0 -> 0
    example 1 1 -> 1
    query   0 1 -> 1
