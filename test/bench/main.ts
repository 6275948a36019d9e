import { benchOtp } from "./otp.ts";

const BENCHES: Readonly<
  Record<string, (options: { readonly quick: boolean }) => Promise<boolean>>
> = { otp: benchOtp };

const [name = "", ...flags] = process.argv.slice(2);
const bench = BENCHES[name];
const unknown = flags.filter((flag) => flag !== "--quick");
if (!bench || unknown.length > 0) {
  console.error(`usage: npm run bench <${Object.keys(BENCHES).join("|")}> [-- --quick]`);
  process.exit(2);
}
process.exitCode = (await bench({ quick: flags.includes("--quick") })) ? 0 : 1;
