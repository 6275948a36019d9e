import type { Carrier } from "./carrier.ts";
import { isSetting, readBody, readHandset, readReply, readSetting } from "./control-input.ts";
import { isE164 } from "./phone.ts";
import type { Setting } from "./settings.ts";
import { siteverify } from "./turnstile.ts";
import { isProviderId, PROVIDERS } from "./vendors/registry.ts";

type Stub = DurableObjectStub<Carrier>;

const ON_PAGE = 200;

const problem = (status: number, detail: string): Response =>
  Response.json({ status, detail }, { status });

const done = (): Response => new Response(null, { status: 204 });

/** The routes by which tests and operators hold the simulator; undefined where none matches. */
export async function control(
  request: Request,
  path: string,
  carrier: Stub,
  now: number,
): Promise<Response | undefined> {
  const [, resource = "", id = "", action = ""] = path.split("/");
  const route = `${request.method} /${resource}`;
  if (route === "GET /stats") return Response.json(await carrier.stats());
  if (route === "GET /opt-outs") return Response.json({ data: await carrier.optOuts() });
  if (route === "POST /turnstile" && id === "siteverify") return siteverify(request, carrier, now);
  if (route === "DELETE /faults" && id === "") {
    await carrier.clearFaults();
    return done();
  }
  if (request.method === "PUT" && isSetting(resource)) {
    return putSetting(resource, id, await request.text(), carrier);
  }
  if (resource === "handsets" && id === "") return allHandsets(request, carrier);
  return resource === "handsets" ? oneHandset(request, id, action, carrier) : undefined;
}

async function putSetting<Name extends Setting>(
  name: Name,
  provider: string,
  text: string,
  carrier: Stub,
): Promise<Response> {
  if (!isProviderId(provider)) {
    return problem(404, `unknown provider; there are ${PROVIDERS.join(", ")}`);
  }
  const body = readBody(text);
  const value = body.ok ? readSetting(name, body.value) : body;
  if (!value.ok) return problem(422, value.error);
  await carrier.put(name, provider, value.value);
  return Response.json(value.value);
}

async function allHandsets(request: Request, carrier: Stub): Promise<Response | undefined> {
  if (request.method === "GET") return Response.json({ data: await carrier.recent(ON_PAGE) });
  if (request.method !== "DELETE") return undefined;
  await carrier.clearHandsets();
  return done();
}

async function oneHandset(
  request: Request,
  id: string,
  action: string,
  carrier: Stub,
): Promise<Response | undefined> {
  const route = `${request.method} ${action}`;
  if (!["GET messages", "PUT ", "POST reply"].includes(route)) return undefined;
  const number = id.replace(/^%2B/i, "+");
  if (!isE164(number)) return problem(422, "the number must be E.164, such as +8613800138000");
  if (route === "GET messages") return Response.json({ data: await carrier.messages(number) });
  const body = readBody(await request.text());
  if (!body.ok) return problem(422, body.error);
  if (route === "POST reply") {
    const text = readReply(body.value);
    return text.ok ? reply(number, text.value, carrier) : problem(422, text.error);
  }
  const handset = readHandset(body.value);
  if (!handset.ok) return problem(422, handset.error);
  await carrier.putHandset(number, handset.value);
  return Response.json(handset.value);
}

async function reply(number: string, text: string, carrier: Stub): Promise<Response> {
  const outcome = await carrier.reply(number, text);
  if (outcome === "no-text") return problem(404, "this handset has no text to answer");
  if (outcome === "no-callback") return problem(409, "the provider has no reply callback");
  return done();
}
