import { workerData } from "node:worker_threads"
import Database from "better-sqlite3"
import { answerQuestions } from "./answer-questions.ts"

const { file } = workerData as { readonly file: string }

const database = new Database(file, { fileMustExist: true })
// As durable as the writer: what leaves the write-ahead log is on disk before it leaves.
database.pragma("synchronous = FULL")

// PASSIVE waits for nobody, and nobody for it: what it cannot move now it moves the next time.
answerQuestions(() => void database.pragma("wal_checkpoint(PASSIVE)"))
