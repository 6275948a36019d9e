import { DurableObject } from "cloudflare:workers";
import { type JobError, MOST_ERRORS } from "../jobs/job.ts";
import type { JobProgress } from "../jobs/store.ts";
import type { Keys } from "../lib/keys.ts";
import { type Clock, HOUR, SECOND } from "../lib/time.ts";
import { type Column, readColumns } from "./columns.ts";
import { type ImportedRows, type ImportRowsDeps, importRows } from "./import-rows.ts";
import { delimiterOf, type FileKind, readHeader } from "./read-file.ts";
import type { FileRecord } from "./records.ts";
import { dropUpload, type UploadDeps } from "./upload.ts";
import { UploadReader } from "./upload-reader.ts";

export interface ImportJobDeps extends UploadDeps, ImportRowsDeps {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly saveProgress: (job: string, progress: JobProgress) => Promise<void>;
  /** Told twice they are the same ones; `before` came earlier. */
  readonly saveErrors: (
    job: string,
    told: {
      readonly errors: readonly JobError[];
      readonly before: number;
      readonly at: number;
    },
  ) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

/** What to import, and how it is written. */
export interface ImportOrder {
  readonly storefront: string;
  readonly defaultCountry: string;
  readonly today: string;
  readonly format: FileKind["format"];
  readonly encoding: FileKind["encoding"];
  readonly parts: number;
  readonly bytes: number;
  /** Bytes of a mark in front of the text. */
  readonly skip: number;
}

export interface ImportJobStub {
  begin(job: string): Promise<void>;
  abandon(): Promise<void>;
  start(order: ImportOrder): Promise<void>;
}

interface State {
  readonly job: string;
  /** Null while the file is being uploaded. */
  readonly order: ImportOrder | null;
  readonly startedAt: number;
  /** Where the next row begins, in bytes. */
  readonly offset: number;
  readonly delimiter: FileKind["delimiter"];
  readonly columns: readonly Column[] | null;
  readonly rows: number;
  readonly people: number;
  /** Of the people: who was a contact before. */
  readonly known: number;
  readonly errorCount: number;
  /** Errors in the report so far: beside those of rows there are those of columns. */
  readonly reported: number;
  /** Steps that failed since one succeeded. */
  readonly failures: number;
}

const ROWS_A_STEP = 1_000;
/** An upload that takes longer is not coming any more. */
const UPLOAD_TAKES = HOUR;
const MOST_FAILURES = 20;
const AGAIN_AFTER = 3 * SECOND;
/** 80 bits: two of a million people have the same one in no file that ever was. */
const NAME_LENGTH = 16;

const TABLES = `
  CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS seen (person TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS errors (row INTEGER NOT NULL, message TEXT NOT NULL);`;

/**
 * One import, named by its job. An alarm does a thousand rows a step and then notes where it is: a
 * step that a crash cut short is done again, which changes nothing. The file goes when it ends.
 */
export class ImportJobObject extends DurableObject implements ImportJobStub {
  readonly #deps: ImportJobDeps;
  readonly #sql: SqlStorage;
  #file: UploadReader | null = null;

  constructor(ctx: DurableObjectState, env: Env, deps: ImportJobDeps) {
    super(ctx, env);
    this.#deps = deps;
    this.#sql = ctx.storage.sql;
    this.#sql.exec(TABLES);
  }

  /** Before the upload: should nobody come back, its parts are not left lying. */
  async begin(job: string): Promise<void> {
    const now = this.#deps.clock.now();
    this.#save({
      job,
      order: null,
      startedAt: now,
      offset: 0,
      delimiter: null,
      columns: null,
      rows: 0,
      people: 0,
      known: 0,
      errorCount: 0,
      reported: 0,
      failures: 0,
    });
    await this.#wakeAt(now + UPLOAD_TAKES);
  }

  async abandon(): Promise<void> {
    const state = this.#state();
    if (state && !state.order) await this.#clear(state.job);
  }

  /** The upload is whole: its rows are now read. Told twice, it starts once. */
  async start(order: ImportOrder): Promise<void> {
    const state = this.#state();
    if (!state || state.order) return;
    const now = this.#deps.clock.now();
    this.#save({ ...state, order, offset: order.skip, startedAt: now });
    await this.#wakeAt(now);
  }

  override async alarm(): Promise<void> {
    const { clock, logError } = this.#deps;
    const state = this.#state();
    if (!state) return;
    try {
      if (!state.order) await this.#end(state, "the upload did not end · 上传未完成");
      else if (!(await this.#step(state, state.order))) await this.#wakeAt(clock.now());
    } catch (error) {
      const { name, message } = error as Error;
      // A failed query's second line holds its values.
      logError("import-step-failed", { job: state.job, name, message: message.split("\n", 1)[0] });
      // Read anew: the step may have been noted before something failed.
      const failed = { ...(this.#state() ?? state), failures: state.failures + 1 };
      this.#save(failed);
      if (failed.failures < MOST_FAILURES) await this.#wakeAt(clock.now() + AGAIN_AFTER);
      else await this.#end(failed, "it failed again and again · 多次失败");
    }
  }

  /** Reads and writes the next rows; true when the job is over. */
  async #step(before: State, order: ImportOrder): Promise<boolean> {
    const state = before.columns ? before : await this.#readHead(before, order);
    if (!state.columns) {
      await this.#end(state, "there is no column `to` · 缺少 `to`（手机号）列");
      return true;
    }
    if (state.offset >= order.bytes) {
      await this.#end(state, null);
      return true;
    }
    const kind = { format: order.format, encoding: order.encoding, delimiter: state.delimiter };
    const { records, next } = await this.#reader(state.job, order).read(state, ROWS_A_STEP);
    const { storefront, defaultCountry, today } = order;
    const facts = { storefront, defaultCountry, today, kind, columns: state.columns };
    const done = await importRows(
      this.#deps,
      { ...facts, job: state.job, at: state.startedAt },
      records,
      state.rows,
    );
    await this.#report(state, done.errors);
    const after = this.ctx.storage.transactionSync(() => this.#note(state, done, records, next));
    await this.#tell(after, "running");
    return false;
  }

  /** The names of the columns, and how they are told apart; lines of JSON have none. */
  async #readHead(state: State, order: ImportOrder): Promise<State> {
    if (order.format === "ndjson") return { ...state, columns: [] };
    const reader = this.#reader(state.job, order);
    const first = await reader.read(state, 1);
    const [line] = first.records;
    if (!line) return state;
    const delimiter = delimiterOf(line.bytes);
    const { format, encoding } = order;
    // Once more: only now it is known where a quoted field can begin.
    const { records, next } = await reader.read({ ...state, delimiter }, 1);
    const [header] = records;
    const names = header && readHeader(header, { format, encoding, delimiter });
    const columns = names ? readColumns(names) : [];
    if (!columns.some((column) => column?.name === "to")) return state;
    const leftOut = columns.flatMap((column, at) =>
      column ? [] : [{ row: 0, message: leftOutAt(at + 1) }],
    );
    await this.#report(state, leftOut);
    const reported = state.reported + leftOut.length;
    const known: State = { ...state, delimiter, columns, reported, offset: next };
    this.ctx.storage.transactionSync(() => {
      this.#keepErrors(leftOut);
      this.#save(known);
    });
    return known;
  }

  #reader(job: string, order: ImportOrder): UploadReader {
    this.#file ??= new UploadReader(this.#deps, job, order);
    return this.#file;
  }

  /** Counts what a step did, together with where the next one begins. */
  #note(
    state: State,
    { people, errors }: ImportedRows,
    records: readonly FileRecord[],
    next: number,
  ): State {
    const { keys } = this.#deps;
    const known = new Map(
      people.map(({ to, wasKnown }) => [
        keys.identify(`import ${state.job}`, to).slice(0, NAME_LENGTH),
        wasKnown,
      ]),
    );
    const added = this.#sql
      .exec(
        "INSERT OR IGNORE INTO seen SELECT value FROM json_each(?) RETURNING person",
        JSON.stringify([...known.keys()]),
      )
      .toArray();
    this.#keepErrors(errors);
    const after = {
      ...state,
      offset: next,
      rows: state.rows + records.length,
      people: state.people + added.length,
      known: state.known + added.filter(({ person }) => known.get(String(person))).length,
      errorCount: state.errorCount + errors.length,
      reported: state.reported + errors.length,
      failures: 0,
    };
    this.#save(after);
    return after;
  }

  /** Before the step is noted: one that is done again reports the same once more. */
  async #report({ job, reported }: State, errors: readonly JobError[]): Promise<void> {
    const { saveErrors, clock } = this.#deps;
    await saveErrors(job, { errors, before: reported, at: clock.now() });
  }

  #keepErrors(errors: readonly JobError[]): void {
    this.#sql.exec(
      `INSERT INTO errors SELECT value->>'row', value->>'message' FROM json_each(?)
        LIMIT max(0, ? - (SELECT count(*) FROM errors))`,
      JSON.stringify(errors),
      MOST_ERRORS,
    );
  }

  /** How far the job is, for those who ask. */
  async #tell(state: State, status: "running" | "done" | "failed", reason: string | null = null) {
    const { saveProgress, clock } = this.#deps;
    const { rows, people, known, errorCount } = state;
    const errors = this.#sql.exec("SELECT row, message FROM errors ORDER BY rowid").toArray();
    await saveProgress(state.job, {
      status,
      rows,
      people,
      duplicates: rows - people - errorCount,
      counts: { known },
      errors: errors.map(({ row, message }) => ({ row: Number(row), message: String(message) })),
      errorCount,
      ...(status === "running" ? {} : { reason, endedAt: clock.now() }),
    });
  }

  /** The file first: whoever reads that the job is over may rely on it being gone. */
  async #end(state: State, reason: string | null): Promise<void> {
    await dropUpload(this.#deps, state.job);
    await this.#tell(state, reason === null ? "done" : "failed", reason);
    await this.#clear(state.job);
  }

  async #clear(job: string): Promise<void> {
    await dropUpload(this.#deps, job);
    this.#file = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#sql.exec(TABLES);
  }

  #state(): State | null {
    const [row] = this.#sql.exec("SELECT value FROM state WHERE id = 1").toArray();
    // One that began before errors were numbered has none.
    return row ? { ...{ reported: 0 }, ...(JSON.parse(String(row.value)) as State) } : null;
  }

  #save(state: State): void {
    this.#sql.exec("INSERT OR REPLACE INTO state VALUES (1, ?)", JSON.stringify(state));
  }

  async #wakeAt(at: number): Promise<void> {
    await this.ctx.storage.setAlarm(this.#deps.clock.wake(at));
  }
}

const leftOutAt = (column: number): string =>
  `column ${column} is left out: its name is no attribute's · 第 ${column} 列的列名不能作为属性名，已忽略`;
