// Loaded into a process before its program: the clock shows the real time plus the milliseconds in a file.
import { readFileSync } from 'node:fs';

const real = Date.now.bind(Date);
Date.now = () => real() + Number(readFileSync(process.env.AIR_TEST_CLOCK, 'utf8'));
