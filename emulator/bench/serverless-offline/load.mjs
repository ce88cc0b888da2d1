// The same load as `gateway-bench load`, by one Node.js client: what a test written in JavaScript
// sees. It takes more of a processor than any server here but serverless-offline, so it hides what
// servers differ by.
import { performance } from "node:perf_hooks";
import WebSocket from "ws";

const [url, ...options] = process.argv.slice(2);
const option = (name) => Number(options[options.indexOf(`--${name}`) + 1]);
const connections = option("connections");
const patience = option("patience") * 1000;
const text = "x".repeat(64);

const open = () =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
  });

// A server may take its time to start.
const openPatiently = async (until) => {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};

const until = performance.now() + patience;
const sockets = [];
for (let i = 0; i < connections; i += 1) sockets.push(await openPatiently(until));

const begin = performance.now() + option("warm-up") * 1000;
const end = begin + option("seconds") * 1000;
const times = [];
let all = 0;
let errors = 0;
let error;

const run = (socket) =>
  new Promise((resolve) => {
    let sent;
    const send = () => {
      sent = performance.now();
      socket.send(text);
    };
    socket.on("message", () => {
      const now = performance.now();
      all += 1;
      if (sent >= begin && now <= end) times.push(now - sent);
      if (now < end) send();
      else resolve();
    });
    socket.on("close", () => {
      errors += performance.now() < end ? 1 : 0;
      error ??= "the server closed a connection";
      resolve();
    });
    send();
  });

await Promise.all(sockets.map(run));
times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
console.log(
  JSON.stringify({
    connections,
    msgPerSecond: times.length / option("seconds"),
    p50Ms: at(0.5),
    p90Ms: at(0.9),
    p99Ms: at(0.99),
    maxMs: times.at(-1) ?? 0,
    allMessages: all,
    errors,
    ...(errors > 0 && { error }),
  }),
);
for (const socket of sockets) socket.terminate();
