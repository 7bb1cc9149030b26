// Which cells of a long tape are shown: pages that overlap by half, so that the head never stands at a page's edge.

/**
 * The first and last of `extent` that are shown, at most `room` of them; where it stands depends on the head alone.
 * @param {{from: number, to: number}} extent
 * @param {number} room
 * @param {number} head
 * @returns {{from: number, to: number}}
 */
export function windowOf(extent, room, head) {
  const { from, to } = extent;
  if (to - from + 1 <= room) return { from, to };
  const half = Math.max(1, Math.floor(room / 2));
  const page = Math.floor((head - from - half / 2) / half);
  const start = Math.max(from, Math.min(to - room + 1, from + page * half));
  return { from: start, to: start + room - 1 };
}
