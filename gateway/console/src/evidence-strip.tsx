import { useEffect, useRef, useState, type KeyboardEvent } from "react"
import type { Campus, Frame, Instant, KeptFrame } from "./wire.ts"
import { dueWords, offsetWords, takenWords } from "./words.ts"
import "./evidence-strip.css"

const pictureOf = (frame: KeptFrame): string => `/api/v1/evidence/${frame.hash}`

const isKept = (frame: Frame): frame is KeptFrame => "hash" in frame

const nameOf = (campus: Campus | undefined, camera: string): string =>
  campus?.cameras.find((candidate) => candidate.id === camera)?.name ?? camera

/** The frames of one camera around one happening, in the order of time. */
interface Series {
  readonly camera: string
  readonly occurredAt: Instant
  readonly frames: ReadonlyArray<Frame>
}

/** The happenings of an alert, the newest first, each with its cameras. */
const happeningsOf = (evidence: ReadonlyArray<Frame>): ReadonlyArray<ReadonlyArray<Series>> => {
  const happenings = new Map<Instant, Map<string, Array<Frame>>>()
  for (const frame of evidence) {
    const cameras = happenings.get(frame.occurredAt) ?? new Map<string, Array<Frame>>()
    cameras.set(frame.camera, [...(cameras.get(frame.camera) ?? []), frame])
    happenings.set(frame.occurredAt, cameras)
  }
  return [...happenings]
    .sort(([a], [b]) => Date.parse(b) - Date.parse(a))
    .map(([occurredAt, cameras]) =>
      [...cameras].map(([camera, frames]) => ({
        camera,
        occurredAt,
        frames: frames.toSorted((a, b) => a.offsetSeconds - b.offsetSeconds)
      }))
    )
}

/** A picture; one that is gone from the gateway's disk says so instead of showing a broken image. */
const Picture = ({ frame, alt, large }: { readonly frame: KeptFrame; readonly alt: string; readonly large?: true }) => {
  const [failed, setFailed] = useState(false)
  if (failed) return <span className="no-picture">The picture cannot be loaded; it may have expired.</span>
  return (
    <img
      src={pictureOf(frame)}
      alt={alt}
      loading={large === true ? "eager" : "lazy"}
      decoding="async"
      onError={() => setFailed(true)}
    />
  )
}

/** Why there is no picture, or when there will be. */
const absenceWords = (frame: Frame, nowMs: number): string =>
  "missing" in frame ? `No picture: ${frame.missing}` : "dueAt" in frame ? dueWords(frame.dueAt, nowMs) : ""

interface TileProps {
  readonly frame: Frame
  readonly camera: string
  readonly nowMs: number
  readonly onOpen: () => void
}

const Tile = ({ frame, camera, nowMs, onOpen }: TileProps) => {
  const offset = offsetWords(frame.offsetSeconds)
  const moment = frame.offsetSeconds === 0 ? "tile moment" : "tile"
  if (!isKept(frame)) {
    return (
      <li className={`${moment} absent`}>
        <span className="no-picture">{absenceWords(frame, nowMs)}</span>
        <span className="tile-offset">{offset}</span>
      </li>
    )
  }
  const taken = takenWords(frame)
  return (
    <li className={moment}>
      <button type="button" onClick={onOpen}>
        <Picture frame={frame} alt={`${camera}, taken ${taken}`} />
        <span className="tile-offset">{offset}</span>
        <span className="tile-taken">{taken}</span>
      </button>
    </li>
  )
}

interface LargeProps {
  readonly series: Series
  readonly at: number
  readonly camera: string
  readonly nowMs: number
  readonly clock: (at: Instant) => string
  readonly onMove: (to: number) => void
  readonly onClose: () => void
}

/** One frame, large. The arrow keys step through the five of its camera. */
const LargeFrame = ({ series, at, camera, nowMs, clock, onMove, onClose }: LargeProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }, [])
  const frame = series.frames[at]
  if (frame === undefined) return null
  const last = series.frames.length - 1
  // While it is open as a dialog nothing behind it can take the focus.
  const close = (): void => {
    dialog.current?.close()
    onClose()
  }
  const step = (by: 1 | -1): void => onMove(Math.min(last, Math.max(0, at + by)))
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return
    event.preventDefault()
    step(event.key === "ArrowRight" ? 1 : -1)
  }
  const taken = isKept(frame) ? `taken ${takenWords(frame)}, at ${clock(frame.takenAt)}` : "no picture"
  return (
    <dialog
      ref={dialog}
      className="large-frame"
      aria-labelledby="large-frame-title"
      onKeyDown={onKey}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
    >
      <h2 id="large-frame-title">
        {camera} <span className="large-offset">{offsetWords(frame.offsetSeconds)}</span>
      </h2>
      <div className="large-picture">
        {isKept(frame) ? (
          <Picture key={frame.hash} frame={frame} alt={`${camera}, ${taken}`} large />
        ) : (
          <span className="no-picture">{absenceWords(frame, nowMs)}</span>
        )}
      </div>
      <p className="large-words" aria-live="polite">
        Frame {at + 1} of {last + 1}: {taken}
        {isKept(frame) && <span className="hash">SHA-256 {frame.hash.slice(0, 16)}…</span>}
      </p>
      <div className="large-actions">
        <button type="button" className="secondary" aria-disabled={at === 0} onClick={() => step(-1)}>
          <span aria-hidden="true">← </span>Earlier
        </button>
        <button type="button" className="secondary" aria-disabled={at === last} onClick={() => step(1)}>
          Later<span aria-hidden="true"> →</span>
        </button>
        <button type="button" className="primary" onClick={close}>
          Close
        </button>
      </div>
    </dialog>
  )
}

interface StripProps {
  readonly series: Series
  readonly campus: Campus | undefined
  readonly nowMs: number
  readonly clock: (at: Instant) => string
}

/** The five frames of one camera. */
const Strip = ({ series, campus, nowMs, clock }: StripProps) => {
  const [open, setOpen] = useState<number | undefined>(undefined)
  const tiles = useRef<HTMLOListElement>(null)
  const camera = nameOf(campus, series.camera)
  const close = (): void => {
    const tile = open === undefined ? undefined : tiles.current?.children[open]?.querySelector("button")
    setOpen(undefined)
    // Back to where the officer was, or next to it when that frame has no picture.
    ;(tile ?? tiles.current?.querySelector("button"))?.focus()
  }
  return (
    <div className="camera">
      <h4>{camera}</h4>
      <ol className="strip" ref={tiles} aria-label={`Frames of ${camera}`}>
        {series.frames.map((frame, at) => (
          <Tile key={frame.offsetSeconds} {...{ frame, camera, nowMs }} onOpen={() => setOpen(at)} />
        ))}
      </ol>
      {open !== undefined && (
        <LargeFrame {...{ series, camera, nowMs, clock }} at={open} onMove={setOpen} onClose={close} />
      )}
    </div>
  )
}

interface EvidenceProps {
  readonly evidence: ReadonlyArray<Frame>
  readonly campus: Campus | undefined
  readonly nowMs: number
  readonly clock: (at: Instant) => string
}

/**
 * Moves the focus along the newest pictures of the alert on screen: to the moment itself at first, then frame by frame; a
 * frame without a picture is passed over. Enter opens the picture.
 */
export const stepFrame = (by: 1 | -1): void => {
  const tiles = [...document.querySelectorAll<HTMLButtonElement>(".evidence .strip")][0]?.querySelectorAll("button")
  const frames = [...(tiles ?? [])]
  const at = frames.findIndex((frame) => frame === document.activeElement)
  const moment = frames.findIndex((frame) => frame.closest(".moment") !== null)
  const next = frames[at === -1 ? Math.max(0, moment) : at + by]
  next?.focus()
  next?.scrollIntoView({ block: "nearest" })
}

/** What the cameras beside an alert saw: five frames a camera, the newest happening open, earlier ones folded away. */
export const EvidenceStrips = ({ evidence, ...rest }: EvidenceProps) => {
  const [newest, ...earlier] = happeningsOf(evidence)
  if (newest === undefined) return null
  const strips = (cameras: ReadonlyArray<Series>) =>
    cameras.map((series) => <Strip key={`${series.camera} ${series.occurredAt}`} series={series} {...rest} />)
  return (
    <section className="evidence" aria-labelledby="evidence-title">
      <h3 id="evidence-title">
        Pictures
        {earlier.length > 0 && newest[0] !== undefined ? ` of ${rest.clock(newest[0].occurredAt)}` : ""}
      </h3>
      {strips(newest)}
      {earlier.map((cameras) => {
        const at = cameras[0]?.occurredAt ?? ""
        return (
          <details key={at}>
            <summary>Pictures of {rest.clock(at)}</summary>
            {strips(cameras)}
          </details>
        )
      })}
    </section>
  )
}
