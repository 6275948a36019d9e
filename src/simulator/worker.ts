import type { Carrier } from "./carrier.ts";
import { control } from "./control.ts";
import { clockOffsetMs, type Env } from "./env.ts";
import { page } from "./page.ts";
import { answerVendorRequest } from "./vendor-api.ts";
import { isProviderId, PROVIDERS, vendorOf } from "./vendors/registry.ts";
import type { Incoming } from "./vendors/vendor.ts";

export { Carrier } from "./carrier.ts";

interface WorkerEnv extends Env {
  readonly CARRIER: DurableObjectNamespace<Carrier>;
}

export default {
  async fetch(request: Request, env: WorkerEnv): Promise<Response> {
    const url = new URL(request.url);
    const carrier = env.CARRIER.getByName("carrier");
    const [, first = "", ...rest] = url.pathname.split("/");
    const { method, headers } = request;
    const now = Date.now() + clockOffsetMs(env);

    if (isProviderId(first)) {
      const path = `/${rest.join("/")}`;
      const incoming: Incoming = { method, url, path, headers, body: await request.text() };
      return answerVendorRequest(first, incoming, carrier, now);
    }
    const unread: Incoming = { method, url, path: url.pathname, headers, body: "" };
    const claimant = PROVIDERS.find((provider) => vendorOf(provider).claims(unread));
    if (claimant !== undefined) {
      const incoming = { ...unread, body: await request.text() };
      return answerVendorRequest(claimant, incoming, carrier, now);
    }
    if (method === "GET" && url.pathname === "/") return page();
    const controlled = await control(request, url.pathname, carrier, now);
    return controlled ?? Response.json({ status: 404, detail: "no such route" }, { status: 404 });
  },
} satisfies ExportedHandler<WorkerEnv>;
