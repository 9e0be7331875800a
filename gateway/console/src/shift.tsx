import { useMemo, useState } from "react"
import { Answer, ReasonField } from "./dialog-fields.tsx"
import { Dialog } from "./dialogs.tsx"
import { HandedView, soundWords } from "./hand-over.tsx"
import type { PageProps } from "./page.ts"
import { handOverPrint, peopleApi } from "./people-api.ts"
import type { Shift, SoundTest, WireHandOver } from "./people-wire.ts"
import { ShiftStart } from "./shift-start.tsx"
import "./shift.css"
import { useActions } from "./use-actions.ts"
import { useLoaded } from "./use-loaded.ts"
import { useRights } from "./use-may.ts"
import type { Campus, Instant } from "./wire.ts"
import { ageWords } from "./words.ts"

type When = (at: Instant) => string

/** Day and time by the campus's wall clock: a shift may begin the day before. */
const whenOf = (campus: Campus | undefined): When => {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: campus?.site.timeZone ?? "UTC",
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit"
  })
  return (at) => format.format(new Date(at))
}

interface OnShiftProps {
  readonly shift: Shift
  readonly officer: string
  readonly nowMs: number
  readonly onEnd: ((name: string) => void) | undefined
}

const OnShiftNow = ({ shift, officer, nowMs, onEnd }: OnShiftProps) => (
  <section className="panel shift-part" aria-labelledby="on-shift">
    <h2 id="on-shift">On shift now</h2>
    {shift.on.length === 0 && <p className="hint">Nobody has signed on.</p>}
    <ul className="working">
      {shift.on.map(({ name, since, sound, inHand }) => (
        <li key={name}>
          <span>
            <strong>{name}</strong>
            <span className="hint">
              for {ageWords(since, nowMs)}, {soundWords[sound]}, {inHand} {inHand === 1 ? "alert" : "alerts"} in hand
            </span>
          </span>
          {onEnd !== undefined && name !== officer && (
            <button type="button" className="secondary" onClick={() => onEnd(name)}>
              End shift…<span className="unseen"> of {name}</span>
            </button>
          )}
        </li>
      ))}
    </ul>
    {shift.byPlan.length > 0 && <p className="hint">Expected by plan: {shift.byPlan.join(", ")}</p>}
  </section>
)

interface LeaveProps {
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onNote: (note: string) => Promise<boolean>
  readonly onHandOver: (afterwards: "sign-off" | "stay") => void
  readonly onEnd: () => void
}

/** What an officer on shift leaves behind: words, a signature, their place. */
const OwnShift = ({ busy, problem, onNote, onHandOver, onEnd }: LeaveProps) => {
  const [note, setNote] = useState("")
  return (
    <section className="panel shift-part" aria-labelledby="own-shift">
      <h2 id="own-shift">Your shift</h2>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (note.trim() === "") return
          void onNote(note.trim()).then((kept) => {
            if (kept) setNote("")
          })
        }}
      >
        <label className="field">
          Note for whoever comes next
          <textarea required rows={2} maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} />
        </label>
        <button type="submit" className="secondary" disabled={busy}>
          Add the note
        </button>
      </form>
      {problem !== undefined && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      <div className="actions">
        <button type="button" className="primary" disabled={busy} onClick={() => onHandOver("sign-off")}>
          Sign the hand-over and sign off
        </button>
        <button type="button" className="secondary" disabled={busy} onClick={() => onHandOver("stay")}>
          Sign and stay on shift
        </button>
        <button type="button" className="secondary" disabled={busy} onClick={onEnd}>
          Sign off without hand-over
        </button>
      </div>
    </section>
  )
}

interface SignedProps {
  readonly handOvers: ReadonlyArray<WireHandOver>
  readonly officer: string
  readonly when: When
  readonly busy: boolean
  readonly onSign: ((id: string) => void) | undefined
}

const HandOvers = ({ handOvers, officer, when, busy, onSign }: SignedProps) => (
  <section className="panel shift-part" aria-labelledby="hand-overs">
    <h2 id="hand-overs">Hand-overs</h2>
    {handOvers.length === 0 && <p className="hint">None was signed yet.</p>}
    <ul className="working">
      {handOvers.map(({ id, by, at, signed }) => (
        <li key={id}>
          <span>
            <strong>
              {by}, {when(at)}
            </strong>
            <span className="hint">
              {signed.length === 0
                ? "Not taken over yet"
                : signed.map((one) => `Taken over by ${one.by}, ${when(one.at)}`).join("; ")}
            </span>
            <a href={handOverPrint(id)} target="_blank" rel="noreferrer">
              Read and print {id}
            </a>
          </span>
          {onSign !== undefined && by !== officer && !signed.some((one) => one.by === officer) && (
            <button type="button" className="secondary" disabled={busy} onClick={() => onSign(id)}>
              I have read it and take over<span className="unseen">: {id}</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  </section>
)

interface EndOtherProps {
  readonly name: string
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onCancel: () => void
  readonly onEnd: (reason: string) => void
}

const EndOtherDialog = ({ name, onEnd, ...answer }: EndOtherProps) => {
  const [reason, setReason] = useState("")
  return (
    <Dialog title={`End the shift of ${name}`} onCancel={answer.onCancel}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason.trim() !== "") onEnd(reason.trim())
        }}
      >
        <ReasonField reason={reason} onReason={setReason} first />
        <Answer {...answer} yes="End the shift" />
      </form>
    </Dialog>
  )
}

/** Who works, the start of one's own shift, and what it leaves to the next. */
export const ShiftPage = ({ store, state, officer, me, nowMs, hidden }: PageProps) => {
  const may = useRights()
  const when = useMemo(() => whenOf(state.campus), [state.campus])
  const { value: shift } = useLoaded(peopleApi.shift, state.peopleNews, store)
  const { value: report } = useLoaded(peopleApi.handed, `${state.peopleNews} ${String(hidden)}`, store)
  const { busy, problem, attempt } = useActions(store)
  const [ending, setEnding] = useState<string | undefined>(undefined)
  const own = shift?.on.find(({ name }) => name === officer)
  const works = may("work-shift")
  const begin = (sound: SoundTest, relieves: ReadonlyArray<string>): void =>
    void attempt(() => peopleApi.beginShift(sound, relieves))
  return (
    <main className="page shift" hidden={hidden}>
      {shift === undefined && <p className="empty">Loading…</p>}
      {shift !== undefined && (
        <div className="shift-columns">
          <div className="stack">
            {works && own === undefined && (
              <ShiftStart
                {...{ shift, officer, busy }}
                problem={ending === undefined ? problem : undefined}
                onBegin={begin}
              />
            )}
            {works && own !== undefined && (
              <OwnShift
                busy={busy}
                problem={ending === undefined ? problem : undefined}
                onNote={(note) => attempt(() => peopleApi.noteForShift(note))}
                onHandOver={(afterwards) => void attempt(() => peopleApi.handOver(afterwards))}
                onEnd={() => void attempt(peopleApi.endShift)}
              />
            )}
            <OnShiftNow {...{ shift, officer, nowMs }} onEnd={may("lead-shift") ? setEnding : undefined} />
            <HandOvers
              {...{ officer, when, busy }}
              handOvers={shift.handOvers}
              onSign={
                works && (me.person !== undefined || own !== undefined)
                  ? (id) => void attempt(() => peopleApi.signHandOver(id))
                  : undefined
              }
            />
          </div>
          <section className="panel shift-part" aria-labelledby="handed">
            <h2 id="handed">What would be handed over now</h2>
            {report === undefined ? <p className="hint">Loading…</p> : <HandedView {...{ report, when }} />}
          </section>
        </div>
      )}
      {ending !== undefined && (
        <EndOtherDialog
          name={ending}
          {...{ busy, problem }}
          onCancel={() => setEnding(undefined)}
          onEnd={(reason) =>
            void attempt(() => peopleApi.endOther(ending, reason)).then((done) => {
              if (done) setEnding(undefined)
            })
          }
        />
      )}
    </main>
  )
}
