/** What the way through a procedure needs to know of a step. */
interface Way {
  readonly id: string
  readonly kind?: string
  readonly next?: string
  readonly answers?: ReadonlyArray<{ readonly answer: string; readonly next?: string }>
  readonly required?: boolean
}

/** What was said of a step. */
interface Said {
  readonly step: string
  readonly how: string
  readonly answer?: string
}

/** Steps and what was said of them: a `Checklist`, inside the gateway or on the wire. */
interface Listed<S extends Way, M extends Said> {
  readonly steps: ReadonlyArray<S>
  readonly marks: ReadonlyArray<M>
}

/** Leads nowhere: the procedure is over there. */
const end = "end"

/** What was said of a step, if anything was. */
export const markOf = <M extends Said>({ marks }: { readonly marks: ReadonlyArray<M> }, step: string): M | undefined =>
  marks.find((mark) => mark.step === step)

/** Where it goes on behind a step: the id of one, or the end; `undefined`: an answer is waited for. */
const behind = (steps: ReadonlyArray<Way>, nth: number, mark: Said | undefined): string | undefined => {
  const step = steps[nth]
  const following = steps[nth + 1]?.id ?? end
  if (step?.kind !== "question") return step?.next ?? following
  if (mark === undefined) return undefined
  // Whoever leaves a question out leaves its branches, too.
  if (mark.how === "skipped") return step.next ?? end
  return step.answers?.find(({ answer }) => answer === mark.answer)?.next ?? step.next ?? following
}

/**
 * The steps that are to be taken as things stand, in their order: up to the first question that nobody has answered, or to
 * the end. Configured procedures only go forward, so that it is finite.
 */
export const pathOf = <S extends Way, M extends Said>(checklist: Listed<S, M>): ReadonlyArray<S> => {
  const path: Array<S> = []
  for (let id: string | undefined = checklist.steps[0]?.id; id !== undefined && id !== end;) {
    const here: string = id
    const nth = checklist.steps.findIndex((step) => step.id === here)
    const step = checklist.steps[nth]
    if (step === undefined || path.includes(step)) return path
    path.push(step)
    id = behind(checklist.steps, nth, markOf(checklist, here))
  }
  return path
}

/** The steps on the way of which nothing is said, those left out that may be excepted. */
export const openSteps = <S extends Way, M extends Said>(checklist: Listed<S, M>): ReadonlyArray<S> =>
  pathOf(checklist).filter((step) => step.required !== false && markOf(checklist, step.id) === undefined)
