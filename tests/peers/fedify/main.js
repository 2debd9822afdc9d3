// Starts the Fedify peer: `PORT=0 node_modules/.bin/node main.js`.
//
// Prints `READY http://localhost:PORT` once it listens, and ends when its standard input is
// closed, so that a killed test run leaves no server behind.
// FIRST_KNOCK chooses the signature that deliveries try first: `rfc9421` (Fedify's default) or
// `draft-cavage-http-signatures-12`. ORIGIN is the https address of a front end before this peer, if there is
// one; then nothing of its own is rewritten to http.

import { createServer } from "node:http";
import { watchDeliveries } from "./loopback.js";
import { createPeer } from "./peer.js";
import { control } from "./control.js";

const behind = process.env.ORIGIN;
watchDeliveries({ overHttp: behind == null });

const server = createServer();
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", async () => {
  const here = `http://localhost:${server.address().port}`;
  const origin = behind ?? here;
  const peer = await createPeer(origin, process.env.FIRST_KNOCK);
  server.on("request", (req, res) => answer(peer, origin, req, res));
  console.log(`READY ${here}`);
});

process.stdin.resume().on("close", () => process.exit(0));

async function answer(peer, origin, req, res) {
  const request = await toFetchRequest(req, origin);
  const isControl = new URL(request.url).pathname.startsWith("/control/");
  const response = isControl ? await control(peer, request) : await peer.fetch(request);
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.end(Buffer.from(await response.arrayBuffer()));
}

/** Node's request as the web's `Request`, which is what Fedify reads. */
async function toFetchRequest(req, origin) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return new Request(new URL(req.url, origin), {
    method: req.method,
    headers: Object.entries(req.headersDistinct).flatMap(
      ([name, values]) => values.map((value) => [name, value]),
    ),
    body: chunks.length > 0 ? Buffer.concat(chunks) : undefined,
  });
}
