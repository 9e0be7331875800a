import { dirname, resolve } from "node:path"
import type { Plan } from "../domain/plan.ts"
import type { PlanConfig } from "./config.ts"
import { type Drawing, readDrawing } from "./plan-drawing.ts"
import type { Problem } from "./problem.ts"
import { idsOf, itemsOf, mapsOf, type Raw, type Refer, type Wrong } from "./raw.ts"
import type { Sources } from "./sources.ts"

const sections = { door: "doors", camera: "cameras", device: "devices", area: "areas" } as const

/** What no schema can hold of plans: names of nothing, the same thing twice on one plan. */
export const checkPlans = (value: Raw, refer: Refer, wrong: Wrong): void => {
  for (const [index, plan] of itemsOf(value, "plans")) {
    refer(["plans", index, "area"], plan["area"], "area", idsOf(value, "areas"))
    const seen = new Set<string>()
    for (const [nth, marker] of mapsOf(plan["markers"])) {
      for (const [what, section] of Object.entries(sections)) {
        const id = marker[what]
        if (typeof id !== "string") continue
        refer(["plans", index, "markers", nth, what], id, what, idsOf(value, section))
        if (seen.has(`${what} ${id}`))
          wrong(["plans", index, "markers", nth, what], `${what} "${id}" is on this plan twice`)
        seen.add(`${what} ${id}`)
      }
    }
  }
}

/** Plans with their drawings, and what is wrong with those. */
export interface DrawnPlans {
  readonly plans: ReadonlyArray<Plan>
  readonly drawings: ReadonlyMap<string, Drawing>
  /** Where the drawings lie. */
  readonly files: ReadonlyArray<string>
  readonly problems: ReadonlyArray<Problem>
}

const isWithin = ([left, top, width, height]: Drawing["box"], x: number, y: number): boolean =>
  x >= left && x <= left + width && y >= top && y <= top + height

const outsideOf = (sources: Sources, index: number, plan: PlanConfig, { box }: Drawing): ReadonlyArray<Problem> =>
  plan.markers.flatMap((marker, nth) => {
    const places = [[marker.x, marker.y] as const, ...("outline" in marker ? (marker.outline ?? []) : [])]
    const stray = places.find(([x, y]) => !isWithin(box, x, y))
    if (stray === undefined) return []
    const [left, top, width, height] = box
    const span = `x ${left} to ${left + width}, y ${top} to ${top + height}`
    const message = `${stray[0]}, ${stray[1]} is not on the drawing (${span})`
    return [sources.problem(["plans", index, "markers", nth], message)]
  })

/** Reads the drawings; a file's name counts from the configuration file that names it. */
export const drawPlans = (sources: Sources, written: ReadonlyArray<PlanConfig>): DrawnPlans => {
  const plans: Array<Plan> = []
  const drawings = new Map<string, Drawing>()
  const files: Array<string> = []
  const problems: Array<Problem> = []
  for (const [index, plan] of written.entries()) {
    const path = ["plans", index, "file"] as const
    const { file, ...shown } = plan
    const at = resolve(dirname(sources.problem(path, "").place.file), file)
    files.push(at)
    const drawing = readDrawing(at)
    if ("why" in drawing) {
      problems.push(sources.problem(path, `the drawing ${file} cannot be used: ${drawing.why}`))
      continue
    }
    problems.push(...outsideOf(sources, index, plan, drawing))
    drawings.set(plan.id, drawing)
    plans.push({ ...shown, picture: drawing.digest, box: drawing.box })
  }
  return { plans, drawings, files, problems }
}
