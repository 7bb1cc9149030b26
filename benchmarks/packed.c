/* A Turing machine's table in packed form, stepped in C: what the table engine is measured against.

   `plain_*` look up the cells' symbols after each move, as one would write it first. `ahead_*` are the loops of tmc/run/kernels.py
   word for word, on the same arrays. All return the steps taken and leave the rest in `place`. */

#include <stdint.h>

enum { NOW, BEFORE, HEAD, SPOT, LOW, HIGH };

typedef struct { int32_t next; uint8_t write, write_work; int8_t move, move_work; } entry;

int64_t plain_one(const entry *table, uint8_t *cells, uint8_t *work, int64_t *place, int64_t budget)
{
    uint8_t *head = cells + place[HEAD];
    int64_t now = place[NOW], left = budget;
    while (left) {
        entry e = table[now + *head];
        *head = e.write;
        head += e.move;
        now = e.next;
        left--;
        if (now < 0)
            break;
    }
    place[NOW] = now, place[HEAD] = head - cells;
    return budget - left;
}

int64_t plain_two(const entry *table, uint8_t *restrict cells, uint8_t *restrict work, int64_t *place, int64_t budget)
{
    uint8_t *head = cells + place[HEAD], *spot = work + place[SPOT], *low = work + place[LOW], *high = work + place[HIGH];
    int64_t now = place[NOW], left = budget;
    while (left) {
        entry e = table[now + *head + *spot];
        *head = e.write;
        *spot = e.write_work;
        head += e.move;
        spot += e.move_work;
        low = spot < low ? spot : low;
        high = spot > high ? spot : high;
        now = e.next;
        left--;
        if (now < 0)
            break;
    }
    place[NOW] = now, place[HEAD] = head - cells, place[SPOT] = spot - work, place[LOW] = low - work, place[HIGH] = high - work;
    return budget - left;
}

int64_t ahead_one(const char *table, uint32_t *cells, uint32_t *work, int64_t *place, int64_t budget)
{
    uint32_t *head = cells + place[HEAD];
    uint64_t left = head[-1], right = head[1];
    const uint64_t *e = (const uint64_t *)(table + place[NOW] + *head);
    int64_t before, now = place[NOW], taken = budget;
    for (int64_t step = 0; step < budget; step++) {
        before = now;
        now = (int64_t)e[0];
        *head = (uint32_t)e[1];
        head = (uint32_t *)((char *)head + e[2]);
        e = (const uint64_t *)(((left & e[3]) | (right & e[4])) + (table + e[5]));
        left = head[-1], right = head[1];
        if (now < 0) {
            taken = now == -3 || now == -4 ? step : step + 1;
            break;
        }
    }
    place[NOW] = now, place[BEFORE] = before, place[HEAD] = head - cells;
    return taken;
}

int64_t ahead_two(const char *table, uint32_t *restrict cells, uint32_t *restrict work, int64_t *place, int64_t budget)
{
    uint32_t *head = cells + place[HEAD], *spot = work + place[SPOT], *low = work + place[LOW], *high = work + place[HIGH];
    uint64_t left = head[-1], right = head[1], left_work = spot[-1], right_work = spot[1];
    const uint64_t *e = (const uint64_t *)(table + place[NOW] + *head + *spot);
    int64_t before, now = place[NOW], taken = budget;
    for (int64_t step = 0; step < budget; step++) {
        before = now;
        now = (int64_t)e[0];
        *head = (uint32_t)e[1];
        *spot = (uint32_t)e[6];
        head = (uint32_t *)((char *)head + e[2]);
        spot = (uint32_t *)((char *)spot + e[7]);
        e = (const uint64_t *)((table + e[5] + (left & e[3])) + (right & e[4])
                               + ((left_work & e[8]) + (right_work & e[9])));
        left = head[-1], right = head[1], left_work = spot[-1], right_work = spot[1];
        low = spot < low ? spot : low;
        high = spot > high ? spot : high;
        if (now < 0) {
            taken = now == -3 || now == -4 ? step : step + 1;
            break;
        }
    }
    place[NOW] = now, place[BEFORE] = before, place[HEAD] = head - cells, place[SPOT] = spot - work;
    place[LOW] = low - work, place[HIGH] = high - work;
    return taken;
}
