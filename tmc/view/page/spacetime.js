// A tape over time as an image: steps downwards, cells from left to right, each pixel a bin of them.

/** @typedef {import("./types").SpaceTime} SpaceTime */
/** @typedef {import("./types").SpaceTimeView} SpaceTimeView */

/**
 * @param {import("tmc/table").TableRun} run
 * @param {SpaceTimeView} view
 * @returns {SpaceTime}
 */
export function spaceTime(run, view) {
  const image = blank(view);
  const bins = edges(view.from, view.to, image.width);
  const ends = edges(view.first, view.last, image.height);
  const symbols = run.machine.tapes[view.tape].symbols.length;
  let row = 0;
  let [low, high] = [Infinity, -Infinity];
  run.walk(view.first, view.last, (now, step) => {
    const tape = view.tape === 0 ? now.data : now.work;
    const head = (view.tape === 0 ? now.head : now.workHead) - tape.origin;
    low = Math.min(low, head);
    high = Math.max(high, head);
    if (step + 1 < ends[row + 1]) return;
    image.steps[row] = step;
    image.states[row] = now.state;
    image.headFrom[row] = low;
    image.headTo[row] = high;
    for (let x = 0; x < image.width; x++) pixel(image, row * image.width + x, tape, bins[x], bins[x + 1], symbols);
    row++;
    [low, high] = [Infinity, -Infinity];
  });
  return image;
}

/**
 * @param {SpaceTimeView} view
 * @returns {SpaceTime}
 */
function blank({ first, last, from, to, width, height }) {
  const across = Math.max(1, Math.min(width, to - from + 1));
  const down = Math.max(1, Math.min(height, last - first + 1));
  return {
    width: across,
    height: down,
    from,
    to,
    first,
    last,
    symbol: new Uint16Array(across * down),
    marked: new Uint32Array(across * down),
    steps: new Uint32Array(down),
    states: new Int32Array(down),
    headFrom: new Int32Array(down),
    headTo: new Int32Array(down),
  };
}

/**
 * Where bins begin: `count` of them from `first` to `last`, as equal as whole numbers allow, and the end of the last.
 * @param {number} first
 * @param {number} last
 * @param {number} count
 */
export function edges(first, last, count) {
  return Array.from({ length: count + 1 }, (_, bin) => first + Math.floor((bin * (last - first + 1)) / count));
}

/**
 * @param {SpaceTime} image
 * @param {number} at
 * @param {{ values: Uint16Array, origin: number }} tape
 * @param {number} from
 * @param {number} end
 * @param {number} symbols
 */
function pixel(image, at, tape, from, end, symbols) {
  const start = Math.max(0, from + tape.origin);
  const stop = Math.min(tape.values.length, end + tape.origin);
  if (end - from === 1) {
    image.symbol[at] = start < stop ? tape.values[start] : 0;
    image.marked[at] = +(image.symbol[at] !== 0);
    return;
  }
  const counts = new Uint32Array(symbols);
  for (let index = start; index < stop; index++) counts[tape.values[index]]++;
  counts[0] += end - from - Math.max(0, stop - start);
  image.marked[at] = end - from - counts[0];
  for (let symbol = 1; symbol < symbols; symbol++) if (counts[symbol] >= counts[image.symbol[at]]) image.symbol[at] = symbol;
}
