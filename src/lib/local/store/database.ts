import Libsql from 'libsql';
import { AirError, messageOf, systemCode } from '../../errors.js';

/** What SQLite can be given. Anything else would abort the whole process, so it is checked here. */
export type SqlValue = string | number | bigint | Buffer | null;
export type SqlRow = Record<string, SqlValue>;

/** Milliseconds for which another process's lock is waited for. The whole server waits, so it is short. */
const patience = 2000;

/** Work that waits for the next commit; it answers how to tell its caller what came of it. */
interface GroupedWork {
  work: () => () => void;
  reject: (error: unknown) => void;
}

/** One step of the schema: SQL that takes the database from version N (its index) to N + 1. */
export type Migrations = readonly string[];

/**
 * The one door to SQLite. Write-ahead log, full durability for what was acknowledged, safe integers: every
 * integer column comes back as a bigint. Non-finite numbers have to be stored as text by the caller.
 */
export class Database {
  private readonly statements = new Map<string, Libsql.Statement>();
  private group: GroupedWork[] = [];

  private constructor(private readonly connection: Libsql.Database) {}

  /**
   * Opens or makes the file and brings its schema up to date.
   * @throws AirError when the file was written by a newer version, or is damaged: it is left as it is.
   */
  static open(file: string, migrations: Migrations): Database {
    try {
      const connection = new Libsql(file);
      connection.exec(`PRAGMA busy_timeout = ${patience}`);
      connection.exec('PRAGMA journal_mode = WAL');
      connection.exec('PRAGMA synchronous = FULL');
      connection.defaultSafeIntegers(true);
      const database = new Database(connection);
      database.migrate(file, migrations);
      return database;
    } catch (error) {
      if (!['SQLITE_NOTADB', 'SQLITE_CORRUPT'].includes(systemCode(error) ?? '')) throw error;
      throw new AirError('INTERNAL_ERROR', `${file} is damaged: ${messageOf(error)}.`, {
        hint: 'To begin again without its runs, experiments and secrets, type: air local reset',
      });
    }
  }

  /**
   * Always within a transaction, which takes the lock first: a statement that met another process's lock would
   * stay open, and keep every later transaction from its end.
   */
  run(sql: string, ...values: readonly SqlValue[]): void {
    this.transaction(() => this.statement(sql).run(...checked(values)));
  }

  /** The first row; undefined when there is none. */
  get<Row extends SqlRow>(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    const row = this.statement(sql).get(...checked(values)) as (Row & { _metadata?: unknown }) | undefined;
    if (row) delete row._metadata;
    return row;
  }

  all<Row extends SqlRow>(sql: string, ...values: readonly SqlValue[]): Row[] {
    return this.statement(sql).all(...checked(values)) as Row[];
  }

  /** All of `work` or nothing of it. Inside another transaction it is a part of that one. */
  transaction<T>(work: () => T): T {
    if (this.connection.inTransaction) return work();
    this.connection.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.connection.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk can end the transaction on SQLite's own account.
      if (this.connection.inTransaction) this.connection.exec('ROLLBACK');
      throw error;
    }
  }

  /**
   * As {@link transaction}, but shares it with all that is asked for at the same moment: the disk is waited for once
   * for all of them. Each of them is done or not done by itself. Resolves when it is on disk.
   */
  grouped<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.group.push({ work: () => this.alone(work, resolve, reject), reject });
      if (this.group.length === 1) setImmediate(() => this.commitGroup());
    });
  }

  private commitGroup(): void {
    const { group } = this;
    this.group = [];
    try {
      const answers = this.transaction(() => group.map(({ work }) => work()));
      for (const answer of answers) answer();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  /** Does a part of a transaction, of which nothing stays when it fails; answers how to tell its caller. */
  private alone<T>(
    work: () => T,
    resolve: (result: T) => void,
    reject: (error: unknown) => void,
  ): () => void {
    this.connection.exec('SAVEPOINT part');
    try {
      const result = work();
      this.connection.exec('RELEASE part');
      return () => resolve(result);
    } catch (error) {
      this.connection.exec('ROLLBACK TO part');
      this.connection.exec('RELEASE part');
      return () => reject(error);
    }
  }

  close(): void {
    this.statements.clear();
    this.connection.close();
  }

  private statement(sql: string): Libsql.Statement {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = this.connection.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private migrate(file: string, migrations: Migrations): void {
    const version = Number(this.get<{ user_version: bigint }>('PRAGMA user_version')?.user_version ?? 0n);
    if (version > migrations.length) {
      this.close();
      throw new AirError(
        'CONFLICT',
        `${file} was written by a newer version of air (schema ${version}, this one knows ${migrations.length}).`,
        { hint: 'Update air, or point AIR_DATA_DIR at another folder. Nothing was changed.' },
      );
    }
    for (const [index, sql] of migrations.entries()) {
      if (index < version) continue;
      this.transaction(() => {
        this.connection.exec(sql);
        this.connection.exec(`PRAGMA user_version = ${index + 1}`);
      });
    }
  }
}

function checked(values: readonly SqlValue[]): SqlValue[] {
  return values.map((value) => {
    const fine =
      value === null ||
      typeof value === 'string' ||
      typeof value === 'bigint' ||
      (typeof value === 'number' && Number.isFinite(value)) ||
      Buffer.isBuffer(value);
    if (!fine) throw new TypeError(`SQLite cannot hold ${messageOf(value)}.`);
    return value;
  });
}
