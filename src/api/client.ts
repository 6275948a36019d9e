import { z } from "@hono/zod-openapi";

/** The storefront's customer, as far as the storefront says. */
export const clientField = z
  .strictObject({
    ip: z.union([z.ipv4(), z.ipv6()], "must be an IP address").optional(),
    asn: z
      .int()
      .min(1)
      .max(4_294_967_295)
      .optional()
      .openapi({ description: "The autonomous system of that address, where it is known." }),
    device_id: z.string().min(1).max(200).optional(),
    user_agent: z.string().max(1000).optional(),
    new_device: z.boolean().optional(),
  })
  .optional();
