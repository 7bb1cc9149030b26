// Arrays of numbers that grow, and snapshots of a run that are thinned out as it gets longer.

/** Whole numbers, one after the other, as many as come. */
export class Numbers {
  /** @param {number} room how many to begin with */
  constructor(room = 1024) {
    this.values = new Int32Array(room);
    this.length = 0;
  }

  /** @param {number} value */
  push(value) {
    if (this.length === this.values.length) {
      const more = new Int32Array(2 * this.length);
      more.set(this.values);
      this.values = more;
    }
    this.values[this.length++] = value;
  }

  /**
   * The position of the last of the numbers, which ascend, that is not above `value`; -1 if there is none.
   * @param {number} value
   */
  lastUpTo(value) {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.values[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/**
 * Snapshots of a run at moments that ascend. They take no more than `budget` numbers together: when there are more, every other one is
 * dropped, and from then on they are taken half as often.
 * @template {{ size: number }} Snapshot
 */
export class Keyframes {
  /**
   * @param {number} stride moments between two snapshots, to begin with
   * @param {number} budget
   */
  constructor(stride, budget) {
    this.stride = stride;
    this.budget = budget;
    this.moments = /** @type {number[]} */ ([]);
    this.snapshots = /** @type {Snapshot[]} */ ([]);
    this.size = 0;
  }

  /**
   * Take a snapshot of a moment.
   * @param {number} moment
   * @param {Snapshot} snapshot
   */
  add(moment, snapshot) {
    this.moments.push(moment);
    this.snapshots.push(snapshot);
    this.size += snapshot.size;
    while (this.size > this.budget && this.moments.length > 2) this.#thin();
  }

  #thin() {
    this.moments = this.moments.filter((_, index) => index % 2 === 0);
    this.snapshots = this.snapshots.filter((_, index) => index % 2 === 0);
    this.size = this.snapshots.reduce((sum, snapshot) => sum + snapshot.size, 0);
    this.stride *= 2;
  }

  /**
   * The last snapshot up to a moment, and when it was taken.
   * @param {number} moment
   * @returns {[number, Snapshot]}
   */
  before(moment) {
    let low = 0;
    let high = this.moments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.moments[middle] <= moment) low = middle + 1;
      else high = middle;
    }
    return [this.moments[low - 1], this.snapshots[low - 1]];
  }
}
