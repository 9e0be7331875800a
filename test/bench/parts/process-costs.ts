import { readFileSync } from "node:fs"

/** What the system says of another process: proc(5), Linux only. */

/** Resident memory, in megabytes. */
export const residentMb = (pid: number): number => {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
  return (Number(kibibytes) * 1024) / 1e6
}

/** The kernel counts in hundredths of a second on every architecture that Node runs on (USER_HZ). */
const tickMs = 10

/** Processor time used so far by all of its threads, in milliseconds. */
export const processorMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  // Behind the name, which may hold anything: utime and stime are the 14th and 15th field, the state is the third.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}
