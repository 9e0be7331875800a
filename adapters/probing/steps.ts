import { Data, Effect } from "effect"

/** One step, as it ended. */
export interface Step<Name extends string = string> {
  readonly step: Name
  /** `doubtful`: it works, and something about it is to be put right. `left-out`: there was nothing to try. */
  readonly result: "passed" | "doubtful" | "failed" | "left-out"
  /** Absent where there was nothing to wait for. */
  readonly tookMs?: number
  /** What was found, or why it failed, in one sentence. */
  readonly said: string
  /** What to do about it. */
  readonly todo?: string
  /** Each of many things that were looked at, for people. */
  readonly details?: ReadonlyArray<string>
  /** The same for programs. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** What a step that did not fail found. */
export interface Found<A> extends Pick<Step, "said" | "details" | "facts"> {
  readonly value: A
  /** What is to be put right: the step is doubtful. */
  readonly doubt?: string
  /** There was nothing to try. */
  readonly leftOut?: true
}

/** A step's failure: what is the matter, and what to do. */
export class StepFailed extends Data.TaggedError("StepFailed")<
  Pick<Step, "said" | "details" | "facts"> & { readonly todo: string }
> {
  override get message(): string {
    return `${this.said}; ${this.todo}`
  }
}

/** A failure with its facts, where there are any. */
export const failed = (said: string, todo: string, facts?: Step["facts"]): StepFailed =>
  new StepFailed({ said, todo, ...(facts === undefined ? {} : { facts }) })

/** There was nothing to try. */
export const leftOut = (said: string): Found<void> => ({ value: undefined, said, leftOut: true })

const optional = ({ todo, details, facts }: { [Key in "todo" | "details" | "facts"]: Step[Key] | undefined }) => ({
  ...(todo === undefined ? {} : { todo }),
  ...(details === undefined || details.length === 0 ? {} : { details }),
  ...(facts === undefined ? {} : { facts })
})

/** Runs steps and tells how each ended, at once. */
export class Steps<Name extends string> {
  readonly #names: ReadonlyArray<Name>
  readonly #tell: (step: Step<Name>) => void
  readonly #told = new Set<Name>()

  /** `names`: of the steps, in their order. The first is over before anything is tried, and may be told of by others. */
  constructor(names: ReadonlyArray<Name>, tell: (step: Step<Name>) => void) {
    this.#names = names
    this.#tell = tell
  }

  #end(step: Step<Name>): void {
    this.#told.add(step.step)
    this.#tell(step)
  }

  /** Answers what the step found. Its failure is told, and fails. */
  readonly run = <A, R>(step: Name, work: Effect.Effect<Found<A>, StepFailed, R>): Effect.Effect<A, StepFailed, R> =>
    Effect.suspend(() => {
      const began = performance.now()
      const took = (): Pick<Step, "tookMs"> => {
        const tookMs = Math.round(performance.now() - began)
        return tookMs === 0 ? {} : { tookMs }
      }
      return work.pipe(
        Effect.tapError((failure) =>
          Effect.sync(() => {
            const { said, todo, details, facts } = failure
            this.#end({ step, result: "failed", ...took(), said, ...optional({ todo, details, facts }) })
          })
        ),
        Effect.map(({ value, said, doubt, details, facts, leftOut: nothing }) => {
          const result = nothing === true ? "left-out" : doubt === undefined ? "passed" : "doubtful"
          const time = nothing === true ? {} : took()
          this.#end({ step, result, ...time, said, ...optional({ todo: doubt, details, facts }) })
          return value
        })
      )
    })

  /** The steps that were not come to. */
  readonly leaveOutRest = (): void => {
    for (const step of this.#names.slice(1))
      if (!this.#told.has(step)) this.#end({ step, result: "left-out", said: "not tried" })
  }
}
