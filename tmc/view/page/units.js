// The hidden units of a cell: a patch of cells through the layers of the network, in exact numbers.

/** @typedef {import("./types").Network} Network */
/** @typedef {import("./types").Unit} Unit */

const TRITS = [0, -1, 1]; // the trit of each base-3 digit of a value's number

/** The network of a page: how cells are channels, and what its units make of a patch. */
export class Units {
  /**
   * @param {Network} network
   * @param {number} state the position of the field `state` in a cell, and that of `control`
   * @param {number} control
   */
  constructor(network, state, control) {
    this.network = network;
    this.state = state;
    this.control = control;
    const { numeral } = network;
    this.codes = numeral?.parts.map((part) => new Map(part.codes.map(([values, codes]) => [values.join(), codes]))) ?? [];
    this.states = new Map(numeral?.states);
  }

  /** Whether cells can be shown as channels. */
  get known() {
    return this.network.trits !== null || this.network.numeral !== null;
  }

  /**
   * The channels of a cell.
   * @param {number[]} cell a value for each field
   */
  channels(cell) {
    if (this.network.trits) return this.network.trits.flatMap((width, field) => trits(cell[field], width));
    return [this.digits(cell).reduce((sum, { code, weight }) => sum + code * weight, 0)];
  }

  /**
   * The digits of a cell that is one number; none for other networks.
   * @param {number[]} cell
   * @returns {{ name: string, code: number, weight: number }[]}
   */
  digits(cell) {
    const { numeral } = this.network;
    if (!numeral) return [];
    const codes = /** @type {Map<string, number>} */ (new Map());
    numeral.parts.forEach((part, number) => {
      const found = this.codes[number].get(part.fields.map((field) => cell[field]).join());
      if (!found) throw new Error(`no number stands for the cell ${cell.join()}`);
      part.digits.forEach((digit, place) => codes.set(digit, found[place]));
    });
    codes.set("state", codes.get("control") ? (this.states.get(cell[this.state]) ?? 0) : 0);
    return numeral.digits.map(({ name, weight }) => ({ name, code: codes.get(name) ?? 0, weight }));
  }

  /**
   * The outputs of all layers for a patch, the new channels last.
   * @param {number[][]} patch nine cells
   */
  outputs(patch) {
    const cells = patch.map((cell) => this.channels(cell));
    let values = this.network.channels.flatMap((_, channel) => cells.map((cell) => cell[channel]));
    return this.network.layers.map((layer) => {
      values = layer.units.map((unit) => output(unit, values, layer.relu));
      return values;
    });
  }
}

/**
 * @param {Unit} unit
 * @param {number[]} values
 * @param {boolean} relu
 */
function output(unit, values, relu) {
  let total = unit.bias;
  for (const [index, weight] of unit.weights) total += weight * values[index];
  return relu && total < 0 ? 0 : total;
}

/**
 * @param {number} value
 * @param {number} width
 */
function trits(value, width) {
  const found = [];
  for (let place = 0; place < width; place++) {
    found.push(TRITS[value % 3]);
    value = Math.floor(value / 3);
  }
  return found;
}
