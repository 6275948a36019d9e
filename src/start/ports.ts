import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How long a process that is just ending may still hold a port. */
const PATIENCE_MS = 1_500;

/** As `describePortProblem`, once a port that is being let go of had its time. */
export async function describeLastingPortProblem(
  name: string,
  host: string,
  port: number,
): Promise<string | undefined> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const problem = await describePortProblem(name, host, port);
    if (problem === undefined || Date.now() > deadline) return problem;
    await sleep(50);
  }
}

/** Says in one line why a socket cannot be opened, or nothing when it can. */
async function describePortProblem(
  name: string,
  host: string,
  port: number,
): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") return `${name} ${port} is in use on ${host}: set another ${name}`;
    return `${name} ${port} cannot be opened on ${host} (${code})`;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, "close");
    }
  }
}
