import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ended } from "../road/peers.ts"

/** Debian installs it outside an ordinary user's PATH. */
const smsdBinary = "/usr/sbin/smsd"

/** Whether the real daemon is here; a machine without it skips with a plain message. */
export const hasSmsd = (): boolean => {
  const found = spawnSync(smsdBinary, ["-V"]).error === undefined
  if (!found && process.env["GATEHOUSE_REQUIRE_PEERS"] === "1") {
    throw new Error("smsd is required here (GATEHOUSE_REQUIRE_PEERS=1): apt-get install smstools")
  }
  if (!found) console.warn("skipped: no smsd on this machine (apt-get install smstools)")
  return found
}

/** The directories of a spool, as Debian's package makes them. */
export const makeSpool = (directory: string): string => {
  const spool = join(directory, "spool")
  for (const name of ["outgoing", "checked", "sent", "failed", "incoming", "report"])
    mkdirSync(join(spool, name), { recursive: true })
  return spool
}

/** The real smsd over a spool, with one modem. */
export const startSmsd = (directory: string, spool: string, device: string) => {
  const file = join(directory, "smsd.conf")
  const places = ["outgoing", "checked", "sent", "failed", "incoming"].map((name) => `${name} = ${spool}/${name}`)
  writeFileSync(
    file,
    `devices = GSM1
${places.join("\n")}
logfile = ${directory}/smsd.log
infofile = ${directory}/smsd.working
pidfile = ${directory}/smsd.pid
delaytime = 1
errorsleeptime = 1
blocktime = 1
loglevel = 7

[GSM1]
device = ${device}
incoming = yes
report = yes
baudrate = 115200
memory_start = 1
pre_init = no
check_network = 0
send_delay = 0
`
  )
  const child = spawn(smsdBinary, ["-c", file, "-t"], { stdio: "ignore" })
  return {
    stop: async () => {
      child.kill("SIGTERM")
      const late = setTimeout(() => child.kill("SIGKILL"), 3000)
      await ended(child)
      clearTimeout(late)
    }
  }
}
