// The moment in the address: `#step=40`, or `#layer=97` between two steps, with `&cell=3,4` and `&show=move`.

/** @typedef {import("tmc/timeline").Timeline} Timeline */
/** @typedef {import("tmc/ui_now").Now} Now */

const PAUSE = 250; // milliseconds without a change, before the address is written: browsers allow few changes a second

/**
 * @typedef {object} Remembered what else the address holds
 * @property {() => Record<string, string>} read
 * @property {(values: URLSearchParams) => void} take
 */

/**
 * @param {Timeline} timeline
 * @param {Now} now
 * @param {Remembered} others
 */
export function startHash(timeline, now, others) {
  let written = location.hash;
  let begun = false;
  let waiting = 0;

  const write = () => {
    if (now.playing) return later();
    if (location.hash !== written) return; // somebody has changed it, and is to be heard first
    const step = timeline.stepOfLayer(now.layer);
    const exact = now.layer >= 0 && timeline.layerOfStep(step) === now.layer;
    const values = new URLSearchParams({ ...(exact ? { step: String(step) } : { layer: String(now.layer) }), ...others.read() });
    const hash = `#${values.toString().replaceAll("%2C", ",")}`;
    if (hash !== written) history.replaceState(null, "", hash);
    written = location.hash;
  };
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(write, PAUSE);
  };
  const take = () => {
    if (location.hash === written && begun) return;
    begun = true;
    written = location.hash;
    const values = new URLSearchParams(location.hash.slice(1));
    others.take(values);
    const [step, layer] = [values.get("step"), values.get("layer")];
    if (step !== null && /^\d+$/.test(step)) now.go(timeline.layerOfStep(Math.min(timeline.steps, Number(step))));
    else if (layer !== null && /^-?\d+$/.test(layer)) now.go(Number(layer));
    now.redraw();
  };

  addEventListener("hashchange", take);
  take();
  now.watch(later);
}
