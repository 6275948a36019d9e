import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that systems give to outgoing connections: nobody takes one while its owner restarts. */
const FIRST = 12_000;
const COUNT = 18_000;

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
