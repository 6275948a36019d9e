import { describe, expect, it } from "vitest";
import { cellsToRow, readColumns } from "../../src/audience/columns.ts";

const rowOf = (header: string[], cells: string[]) => cellsToRow(cells, readColumns(header));

describe("columns", () => {
  it("are known by the names that others give them", () => {
    const names = readColumns(["手机号", " Phone ", "姓名", "First Name", "爱好"]);
    expect(names.map((column) => column?.name)).toEqual([
      "to",
      "to",
      "name",
      "first_name",
      undefined,
    ]);
  });

  it("tell a cell's type from what it holds", () => {
    const header = ["to", "a", "b", "c", "d", "e", "f"];
    const cells = ["138", "12.5", "007", "true", " x ", "", "2026-05-01"];
    expect(rowOf(header, cells)).toEqual({
      ok: true,
      value: { to: "138", a: 12.5, b: "007", c: true, d: "x", f: "2026-05-01" },
    });
  });

  it("have the type that their name says", () => {
    const header = ["a:string", "b:list", "c:boolean", "d:number", "e:date"];
    expect(rowOf(header, ["1", "x;y、z", "是", "3", "2026-05-01"])).toEqual({
      ok: true,
      value: { a: "1", b: ["x", "y", "z"], c: true, d: 3, e: "2026-05-01" },
    });
    for (const [column, cell] of [
      ["a:number", "x"],
      ["a:boolean", "maybe"],
      ["a:date", "2026-02-30"],
    ] as const) {
      expect(rowOf([column], [cell])).toMatchObject({ ok: false });
    }
  });

  it("are as many in each row", () => {
    expect(rowOf(["to", "a"], ["1"])).toMatchObject({ ok: false });
    expect(rowOf(["to"], ["1", "2"])).toMatchObject({ ok: false });
  });
});
