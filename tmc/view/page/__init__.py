"""The page: a program, its machine, its tapes and the network that runs it on one timeline, in one HTML file.

Start at `document.py`, which says what the page is given; `page.py` makes the file. The page computes the run itself: `table.js`
takes the steps of the table, `rules.js` the layers of the rules, `units.js` evaluates hidden units, and `timeline.js` is the one
object that the interface, `ui.js`, asks. `types.d.ts` says what goes between them.
"""
