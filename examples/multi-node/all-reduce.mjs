// A ring of one hop: node 0 listens, every other node sends its number, node 0 answers with the mean.
import { connect, createServer } from 'node:net';

const rank = Number(process.env.NODE_RANK);
const nodes = Number(process.env.NUM_NODES);
const port = Number(process.env.MASTER_PORT);
const host = process.env.MASTER_ADDR;
const rounds = 3;

const local = (round) => (rank + 1) * (round + 1);
const report = (round, mean) =>
  console.log(`node ${rank} round ${round}: mine ${local(round)}, mean ${mean}`);

/** Calls `handle` for every whole line that comes in. */
function onLines(socket, handle) {
  let rest = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    lines.forEach(handle);
  });
}

function lead() {
  const peers = [];
  let round = 0;
  let numbers = [];
  const begin = () => {
    numbers = [local(round)];
    if (numbers.length === nodes) finish();
  };
  const finish = () => {
    const mean = numbers.reduce((sum, number) => sum + number, 0) / nodes;
    report(round, mean);
    for (const peer of peers) peer.write(`${mean}\n`);
    round += 1;
    if (round < rounds) return begin();
    for (const peer of peers) peer.end();
    server.close();
  };
  const server = createServer((socket) => {
    peers.push(socket);
    onLines(socket, (line) => {
      numbers.push(Number(line));
      if (numbers.length === nodes) finish();
    });
  });
  server.listen(port, host, () =>
    console.log(`node 0 waits for ${nodes - 1} other node(s) on ${host}:${port}`),
  );
  begin();
}

function follow(tries = 100) {
  const socket = connect(port, host);
  let round = 0;
  socket.on('connect', () => socket.write(`${local(round)}\n`));
  onLines(socket, (line) => {
    report(round, Number(line));
    round += 1;
    if (round < rounds) socket.write(`${local(round)}\n`);
  });
  socket.on('error', (error) => {
    // The leader may not listen yet: both nodes start at the same moment.
    if (error.code !== 'ECONNREFUSED' || tries === 0) throw error;
    setTimeout(() => follow(tries - 1), 100);
  });
}

if (rank === 0) lead();
else follow();
