import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { Database } from '../../src/lib/local/store/database.js';

describe('what shares a commit in the database', () => {
  let folder: string;
  let database: Database;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'air-database-'));
    database = Database.open(join(folder, 'test.db'), ['CREATE TABLE notes (text TEXT UNIQUE NOT NULL)']);
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  const note = (text: string) => database.run('INSERT INTO notes VALUES (?)', text);
  const notes = () => database.all('SELECT text FROM notes ORDER BY text').map((row) => row['text']);
  const outcome = ({ status }: PromiseSettledResult<unknown>) => status;

  it('is done whole or not at all, each part for itself', async () => {
    const outcomes = await Promise.allSettled([
      database.grouped(() => note('one')),
      database.grouped(() => {
        note('two');
        note('one');
      }),
      database.grouped(() => {
        note('three');
        return notes().length;
      }),
    ]);
    expect(outcomes.map(outcome)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[2]).to.have.property('value', 2);
    expect(notes()).to.deep.equal(['one', 'three']);
  });

  it('fails together when another process holds the database, and can be done again after', async () => {
    const other = new Libsql(join(folder, 'test.db'));
    const both = () => Promise.allSettled(['one', 'two'].map((text) => database.grouped(() => note(text))));
    other.exec('BEGIN IMMEDIATE');
    expect((await both()).map(outcome)).to.deep.equal(['rejected', 'rejected']);
    other.exec('ROLLBACK');
    other.close();
    expect((await both()).map(outcome)).to.deep.equal(['fulfilled', 'fulfilled']);
    expect(notes()).to.deep.equal(['one', 'two']);
  });
});
