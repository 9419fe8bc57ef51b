import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UnavailableError } from '../errors.ts'
import { findJdk } from './jdk.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kt-jdk-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('uses JAVA_HOME if it is new enough, else the newest installed JDK', async () => {
  const old = await fakeJdk('java-17', '17.0.15')
  const good = await fakeJdk('java-21', '21.0.2')
  const newest = await fakeJdk('java-25', '25')
  const folders = [folder]
  expect(await findJdk({ env: { JAVA_HOME: good }, folders })).toEqual({ home: good, version: 21 })
  expect(await findJdk({ env: { JAVA_HOME: old }, folders })).toEqual({ home: newest, version: 25 })
  expect(await findJdk({ env: {}, folders })).toEqual({ home: newest, version: 25 })
})

test('finds a JDK on macOS, and through the path', async () => {
  const home = await fakeJdk('jdk-21/Contents/Home', '21.0.2')
  expect(await findJdk({ env: {}, folders: [folder] })).toMatchObject({ home })
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await symlink(join(home, 'bin/java'), join(bin, 'java'))
  expect(await findJdk({ env: { PATH: `/nowhere:${bin}` }, folders: [] })).toMatchObject({ home })
})

test('without a JDK, the error says what was found and missing, and names the alternative', async () => {
  const home = await fakeJdk('java-17', '17.0.15')
  const found = findJdk({ env: {}, folders: [folder] })
  await expect(found).rejects.toBeInstanceOf(UnavailableError)
  await expect(found).rejects.toThrow(`No JDK of version 21 or newer was found (${home} is 17)`)
  for (const name of ['KT_KAFKA_BROKERS', 'KT_ELASTICSEARCH_URL', 'KT_DATABASE_URL', 'compose.yaml']) {
    await expect(found).rejects.toThrow(name)
  }
})

async function fakeJdk(name: string, version: string): Promise<string> {
  const home = join(folder, name)
  await mkdir(join(home, 'bin'), { recursive: true })
  for (const tool of ['java', 'javac']) await writeFile(join(home, 'bin', tool), '')
  await writeFile(join(home, 'release'), `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n`)
  return home
}
