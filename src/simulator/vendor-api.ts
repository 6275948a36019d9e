import type { Carrier, Outcome } from "./carrier.ts";
import { type ProviderId, vendorOf } from "./vendors/registry.ts";
import type { Answer, Incoming } from "./vendors/vendor.ts";

const HOLD_MS = 30_000;

/** Answers a request to a vendor's API: the signature is checked here, the rest is one object call. */
export async function answerVendorRequest(
  provider: ProviderId,
  incoming: Incoming,
  carrier: DurableObjectStub<Carrier>,
  now: number,
): Promise<Response> {
  const call = vendorOf(provider).authenticate(incoming, now);
  if (!call.ok) {
    await carrier.refuse(provider);
    return toResponse(call.error);
  }
  return enact(await carrier.call(provider, call.value));
}

async function enact({ act, answer, latencyMs }: Outcome): Promise<Response> {
  if (latencyMs > 0) await scheduler.wait(latencyMs);
  switch (act) {
    case "hold":
      await scheduler.wait(HOLD_MS);
      return new Response("Gateway Timeout", { status: 504 });
    case "reset":
      return dropConnection();
    case "garble":
      return garbled(answer);
    default:
      return toResponse(answer);
  }
}

const toResponse = ({ status, contentType, body }: Answer): Response =>
  new Response(body, { status, headers: { "content-type": contentType } });

/** A body that breaks before its first byte: workerd then closes the socket without a status line. */
const dropConnection = (): Response =>
  new Response(new ReadableStream({ pull: (stream) => stream.error(new Error("reset")) }));

/** One of four answers that say nothing certain. */
function garbled(withoutId: Answer): Response {
  const bodies = [
    withoutId.body.slice(0, Math.floor(withoutId.body.length / 2)),
    "<html><head><title>200 OK</title></head><body>Service is busy</body></html>",
    "",
    withoutId.body,
  ];
  const index = Math.floor(Math.random() * bodies.length);
  const contentType = index === 1 ? "text/html" : withoutId.contentType;
  return toResponse({ status: 200, contentType, body: bodies[index] ?? "" });
}
