import { hint } from "./did-you-mean.ts"
import { idsOf, isRaw, itemsOf, type Key, mapsOf, type Raw, type Refer, type Wrong } from "./raw.ts"

const end = "end"

/** Everywhere that a step can lead to, with the place where that is written; `undefined`: nothing is written. */
const ways = (step: Raw): ReadonlyArray<readonly [path: ReadonlyArray<Key>, to: string | undefined]> => {
  const own = typeof step["next"] === "string" ? step["next"] : undefined
  if (step["kind"] !== "question") return [[["next"], own]]
  const answers = mapsOf(step["answers"]).map(
    ([nth, { next }]) => [["answers", nth, "next"], typeof next === "string" ? next : own] as const
  )
  return own === undefined ? answers : [...answers, [["next"], own]]
}

const checkQuestion = (path: ReadonlyArray<Key>, step: Raw, wrong: Wrong): void => {
  const { kind, answers } = step
  if (kind !== "question") {
    if (answers !== undefined)
      wrong([...path, "answers"], "only a question has answers; write kind: question, or remove them", "key")
    return
  }
  const given = mapsOf(answers).map(([nth, { answer }]) => [nth, answer] as const)
  if (given.length < 2) return wrong(path, `question "${String(step["id"])}" needs at least two answers`)
  const seen = new Set<unknown>()
  for (const [nth, answer] of given) {
    if (seen.has(answer)) wrong([...path, "answers", nth, "answer"], `the answer "${String(answer)}" is there twice`)
    seen.add(answer)
  }
}

/** Whether each step can be come to, and none of them again: a checklist that goes back would never be done. */
const checkCourse = (path: ReadonlyArray<Key>, steps: ReadonlyArray<readonly [number, Raw]>, wrong: Wrong): void => {
  const ids = steps.map(([, { id }]) => String(id))
  const targets = (at: number): ReadonlyArray<readonly [ReadonlyArray<Key>, number]> =>
    ways(steps[at]?.[1] ?? {}).flatMap(([way, to]) => {
      const next = to === undefined ? at + 1 : ids.indexOf(to)
      return to === end || next < 0 || next >= steps.length ? [] : [[way, next] as const]
    })
  const reached = new Set<number>()
  const told = new Set<number>()
  const walk = (at: number, before: ReadonlyArray<number>): void => {
    reached.add(at)
    for (const [way, next] of targets(at)) {
      if (next === at || before.includes(next)) {
        if (!told.has(at))
          wrong(
            [...path, "steps", steps[at]?.[0] ?? at, ...way],
            `step "${ids[at]}" leads back to "${ids[next]}": the procedure would go round for ever; lead on, or to end`
          )
        told.add(at)
      } else if (!reached.has(next)) walk(next, [...before, at])
    }
  }
  if (steps.length > 0) walk(0, [])
  // A step that is not there has its own problem; what it was to lead to is not known.
  if (steps.some(([, step]) => ways(step).some(([, to]) => to !== undefined && to !== end && !ids.includes(to)))) return
  for (const [at, [nth]] of steps.entries())
    if (!reached.has(at))
      wrong([...path, "steps", nth, "id"], `no way leads to step "${ids[at]}"; lead to it, or remove it`)
}

const checkSteps = (path: ReadonlyArray<Key>, procedure: Raw, refer: Refer, wrong: Wrong): void => {
  const steps = mapsOf(procedure["steps"])
  const ids = steps.flatMap(([, { id }]) => (typeof id === "string" ? [id] : []))
  const seen = new Set<string>()
  for (const [nth, step] of steps) {
    const { id } = step
    const here = [...path, "steps", nth]
    if (id === end) wrong([...here, "id"], `no step can be called "${end}": that is where a procedure is over`)
    if (typeof id === "string" && seen.has(id)) wrong([...here, "id"], `step "${id}" is there twice in its procedure`)
    if (typeof id === "string") seen.add(id)
    checkQuestion(here, step, wrong)
    for (const [way, to] of ways(step)) if (to !== end) refer([...here, ...way], to, "step", ids)
  }
  checkCourse(path, steps, wrong)
}

/** What a `for` says, however it is written. */
const purposeOf = (purpose: Raw): string =>
  JSON.stringify(
    ["conditions", "priorities", "areas"].map((name) => {
      const said = purpose[name]
      return Array.isArray(said) ? said.map(String).sort() : []
    })
  )

/** What no schema can hold of procedures: steps that are not there, that nothing leads to, that lead back. */
export const checkProcedures = (value: Raw, refer: Refer, wrong: Wrong): void => {
  const purposes = new Map<string, string>()
  for (const [index, procedure] of itemsOf(value, "procedures")) {
    const path = ["procedures", index] as const
    checkSteps(path, procedure, refer, wrong)
    const purpose = procedure["for"]
    if (!isRaw(purpose)) continue
    const { areas } = purpose
    if (Array.isArray(areas))
      for (const [nth, area] of areas.entries())
        refer([...path, "for", "areas", nth], area, "area", idsOf(value, "areas"))
    const same = purposes.get(purposeOf(purpose))
    if (same !== undefined)
      wrong([...path, "for"], `procedure "${same}" is for the same alerts already; say which is for which`, "key")
    purposes.set(purposeOf(purpose), String(procedure["id"]))
  }
  const incidents = value["incidents"]
  if (isRaw(incidents)) refer(["incidents", "calendar"], incidents["calendar"], "calendar", idsOf(value, "calendars"))
}

/** One word of the form of an id is meant as a reference; a sentence is for officers to read. */
export const procedureFault = (said: string | undefined, procedures: ReadonlyArray<string>): string | undefined =>
  said === undefined || !/^[a-z0-9]+(-[a-z0-9]+)+$/.test(said) || procedures.includes(said)
    ? undefined
    : `there is no procedure "${said}"${hint(said, procedures)}`
