// How long the modules of a page take to compute its run, once they are read: processor time in seconds.

import { readFileSync } from "node:fs";
import { Timeline } from "tmc/timeline";

const text = readFileSync(0, "utf8");
const before = process.cpuUsage();
const { steps, layers } = new Timeline(JSON.parse(text));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ steps, layers, seconds: (user + system) / 1e6 }));
