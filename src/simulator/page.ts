export const page = (): Response => new Response("page");
