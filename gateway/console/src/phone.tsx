import { useCallback, useEffect, useState } from "react"
import "./phone.css"
import type { PageProps } from "./page.ts"
import { type OwnDevice, ownDevices, type PushStanding, registerPush, renewPush, unregisterPush } from "./push.ts"
import { ageWords } from "./words.ts"

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

interface DeviceRowProps {
  readonly device: OwnDevice
  readonly here: boolean
  readonly nowMs: number
  readonly busy: boolean
  readonly onForget: () => void
}

const DeviceRow = ({ device, here, nowMs, busy, onForget }: DeviceRowProps) => (
  <li className="phone-device">
    <div>
      <h3>
        {device.name}
        {here && <span className="phone-here"> this device</span>}
      </h3>
      <p>
        {device.receivedAt === undefined
          ? "It has never said that it received a message"
          : `Last received a message ${ageWords(device.receivedAt, nowMs)} ago`}
        {`; registered ${ageWords(device.since, nowMs)} ago`}
      </p>
    </div>
    <button type="button" className="secondary" disabled={busy} onClick={onForget}>
      Forget<span className="unseen">: {device.name}</span>
    </button>
  </li>
)

const standingWords = (standing: PushStanding | undefined): string => {
  if (standing === undefined) return "Looking…"
  if (standing.is === "registered") return "Alerts come to this device, also while the console is closed."
  if (standing.is === "off") return "Alerts do not come to this device while the console is closed."
  return `Alerts cannot come to this device: ${standing.why}.`
}

/** Which of the officer's own phones and browsers alerts come to, and this one among them. */
export const PhonePage = ({ nowMs, hidden }: PageProps) => {
  const [standing, setStanding] = useState<PushStanding>()
  const [devices, setDevices] = useState<ReadonlyArray<OwnDevice>>([])
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)

  const attempt = useCallback(async (work: () => Promise<PushStanding>) => {
    setBusy(true)
    setProblem(undefined)
    try {
      setStanding(await work())
      setDevices(await ownDevices())
    } catch (error) {
      setProblem(messageOf(error))
    } finally {
      setBusy(false)
    }
  }, [])

  useEffect(() => void attempt(renewPush), [attempt])

  const forget = (device: OwnDevice): void => {
    const here = standing?.is === "registered" && standing.device === device.id
    void attempt(async () => {
      const after = await unregisterPush(device.id)
      return here ? after : (standing ?? after)
    })
  }

  return (
    <main className="phone" hidden={hidden} aria-label="Notifications">
      <section className="panel phone-panel" aria-busy={busy}>
        <header className="panel-head">
          <h2>Notifications on my devices</h2>
        </header>
        <p className="phone-standing" role="status">
          {standingWords(standing)}
        </p>
        {problem !== undefined && (
          <p className="phone-problem" role="alert">
            {problem}
          </p>
        )}
        {standing?.is === "off" && (
          <button
            type="button"
            className="primary phone-register"
            disabled={busy}
            onClick={() => void attempt(registerPush)}
          >
            Have alerts come to this device
          </button>
        )}
        <ul className="phone-devices">
          {devices.map((device) => (
            <DeviceRow
              key={device.id}
              device={device}
              here={standing?.is === "registered" && standing.device === device.id}
              nowMs={nowMs}
              busy={busy}
              onForget={() => forget(device)}
            />
          ))}
        </ul>
      </section>
    </main>
  )
}
