import { once } from "node:events";
import { createServer } from "node:net";

/** Says in one line why a socket cannot be opened, or nothing when it can. */
export async function describePortProblem(
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
