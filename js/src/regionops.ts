// From one list of regions to another, as operations that can be taken back.

import { fieldsOp, type Op } from "./history";
import { type Region, sameRegion } from "./scene";

/** cleared: what empties the mask of a region that goes. */
export function regionOps(
  before: readonly Region[],
  after: readonly Region[],
  cleared: (id: string) => readonly Op[],
): Op[] {
  const old = new Map(before.map((region) => [region.id, region]));
  const ids = new Set(after.map((region) => region.id));
  const ops: Op[] = [];
  const left = [...before];
  for (const region of before.filter(({ id }) => !ids.has(id))) {
    const index = left.indexOf(region);
    ops.push(...cleared(region.id), { kind: "remove", region, index });
    left.splice(index, 1);
  }
  const order = left.map((region) => region.id);
  const kept = after.filter(({ id }) => old.has(id)).map((region) => region.id);
  if (order.some((id, i) => id !== kept[i])) ops.push({ kind: "order", before: order, after: kept });
  after.forEach((region, index) => {
    const was = old.get(region.id);
    if (!was) ops.push({ kind: "insert", region, index });
    else if (!sameRegion(was, region)) ops.push(fieldsOp(was, region));
  });
  return ops;
}
