import type { Plugin } from "miniflare";

const BINDING = "PUBLIC_SOCKET";
const NAME = "public-socket";

/**
 * A Miniflare plugin: a socket of workerd straight onto a Worker. Miniflare's own direct sockets
 * put the asset router in between (a fifth of the speed), believe a `request.cf` that the client
 * sends in a header, and so never tell the Worker the address at the other end.
 */
const publicSocket: Plugin = {
  getBindings() {},
  getNodeBindings: () => ({}),
  getServices({ options: { config } }) {
    const binding = config.env?.[BINDING];
    if (binding === undefined || !("dev" in binding)) return undefined;
    const { address } = (binding.dev as { options: { address: string } }).options;
    return {
      services: [],
      extensions: [],
      sockets: [
        {
          name: `public:${config.name}`,
          address,
          service: { name: `core:user:${config.name}` },
          http: {},
        },
      ],
    };
  },
};

/** Miniflare loads this file by its path and looks here. */
export const plugins: Readonly<Record<string, Plugin>> = { [NAME]: publicSocket };

/** The entry for a Worker's `unsafeBindings`; the Worker itself sees no binding. */
export function publicSocketBinding(address: string) {
  return {
    name: BINDING,
    type: NAME,
    plugin: { package: import.meta.filename, name: NAME },
    options: { address },
  };
}
