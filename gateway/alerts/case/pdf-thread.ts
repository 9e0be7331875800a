import { parentPort, workerData } from "node:worker_threads"
import type { Report } from "./report.ts"
import { reportPdf } from "./report-pdf.ts"

// To set a long report takes a second of a processor: the thread that takes facts in is not kept waiting for it.
const { report, timeZone } = workerData as { readonly report: Report; readonly timeZone: string }

parentPort?.postMessage(await reportPdf(report, timeZone))
