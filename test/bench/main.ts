import { benchAttack } from "./attack.ts";
import { benchBulk } from "./bulk.ts";
import { benchCampaign } from "./campaign.ts";
import { benchOtp } from "./otp.ts";

const FLAGS = ["--quick", "--full", "--backlog"] as const;

interface Options {
  readonly quick: boolean;
  readonly full: boolean;
  readonly backlog: boolean;
}

const BENCHES: Readonly<
  Record<string, { readonly flags: readonly string[]; run(options: Options): Promise<boolean> }>
> = {
  otp: { flags: ["--quick"], run: benchOtp },
  bulk: { flags: FLAGS, run: benchBulk },
  campaign: { flags: ["--quick", "--full"], run: benchCampaign },
  attack: { flags: [], run: benchAttack },
};

const [name = "", ...flags] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench || flags.some((flag) => !bench.flags.includes(flag))) {
  for (const [each, { flags: known }] of Object.entries(BENCHES)) {
    console.error(`usage: npm run bench ${each} -- ${known.map((flag) => `[${flag}]`).join(" ")}`);
  }
  process.exit(2);
}
const chosen = (flag: (typeof FLAGS)[number]) => flags.includes(flag);
const options = {
  quick: chosen("--quick"),
  full: chosen("--full"),
  backlog: chosen("--backlog"),
};
process.exitCode = (await bench.run(options)) ? 0 : 1;
