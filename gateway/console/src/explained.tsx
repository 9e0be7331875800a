import type { OpeningTold, Otherwise, Told } from "./explanation-wire.ts"
import type { Instant } from "./wire.ts"
import "./why.css"

type Clock = (at: Instant) => string

export const Seq = ({ seq }: { readonly seq: number | undefined }) =>
  seq === undefined ? null : <span className="seq">#{seq}</span>

/** Facts and judgements, each with its time and its log entry. */
export const ToldList = ({ told, clock }: { readonly told: ReadonlyArray<Told>; readonly clock: Clock }) => (
  <ol className="timeline">
    {told.map(({ at, seq, text }, nth) => (
      <li key={nth}>
        <time dateTime={at}>{clock(at)}</time>
        <span>{text}</span>
        <Seq seq={seq} />
      </li>
    ))}
  </ol>
)

const spanWords = ({ from, until }: Otherwise, clock: Clock): string =>
  from === undefined || until === undefined ? "" : `${clock(from)} – ${clock(until)}: `

/** What would have changed the outcome, and in which span of time. */
export const OtherwiseList = ({
  otherwise,
  clock
}: {
  readonly otherwise: ReadonlyArray<Otherwise>
  readonly clock: Clock
}) => (
  <ul className="otherwise">
    {otherwise.map((one, nth) => (
      <li key={nth}>
        {spanWords(one, clock)}
        {one.text} <Seq seq={one.seq} />
      </li>
    ))}
  </ul>
)

/** An opening, how it was judged step by step, and what was weighed. */
export const OpeningCourse = ({ opening, clock }: { readonly opening: OpeningTold; readonly clock: Clock }) => (
  <>
    <ToldList told={opening.steps} clock={clock} />
    {opening.weighed.length > 0 && (
      <ul className="otherwise" aria-label="What was weighed">
        {opening.weighed.map(({ seq, text }, nth) => (
          <li key={nth}>
            {text} <Seq seq={seq} />
          </li>
        ))}
      </ul>
    )}
  </>
)
