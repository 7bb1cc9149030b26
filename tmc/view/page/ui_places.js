// Cells of the network by row and position: a lattice on a line grows to the left, too, and then its columns have other numbers.

/** @typedef {import("tmc/timeline").Timeline} Timeline */
/** @typedef {import("./types").Moment} Moment */
/** @typedef {[number, number]} Place row and position */

/**
 * @typedef {object} Places
 * @property {number} rows
 * @property {number} from the first position
 * @property {number} to the last one
 * @property {(row: number, position: number, field: number) => number} value
 * @property {(row: number, position: number, channel: number) => number} channel
 */

/**
 * The lattice at a layer. It changes with the next call.
 * @param {Timeline} timeline
 * @param {number} layer
 * @returns {Places}
 */
export function placesAt(timeline, layer) {
  const { rows, columns, from, value, channel } = timeline.lattice(layer);
  return {
    rows,
    from,
    to: from + columns - 1,
    value: (row, position, field) => value(row, position - from, field),
    channel: (row, position, number) => channel(row, position - from, number),
  };
}

/**
 * Where the control is, or null.
 * @param {Timeline} timeline
 * @param {Moment} moment
 * @returns {Place | null}
 */
export function controlOf(timeline, moment) {
  if (!moment.control) return null;
  const [row, column] = moment.control;
  return [row, column + timeline.lattice(moment.layer).from];
}

/**
 * The place of the lattice that is nearest.
 * @param {Place} place
 * @param {Places} places
 * @returns {Place}
 */
export function within([row, position], { rows, from, to }) {
  return [Math.max(0, Math.min(rows - 1, row)), Math.max(from, Math.min(to, position))];
}
