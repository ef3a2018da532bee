import { Problem } from '../document-problems';
import { FilePull } from './file';
import { bareUrlProblems } from './message-rules';

/** What no schema can say of a file source. */
export function fileProblems({ file }: FilePull): Problem[] {
  const at = 'spec.source.file';
  const problems = bareUrlProblems(file.url, `${at}.url`, 'a place');
  const isFolder = file.url.startsWith('file:');
  if (file.files.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    problems.push({ path: `${at}.files`, message: 'is not a path below the url: no "..", no empty part' });
  }
  if (isFolder && !/^file:\/\/\/[^?#]*$/.test(file.url)) {
    problems.push({ path: `${at}.url`, message: 'is not the absolute path of a folder, like file:///srv/drop' });
  }
  if (isFolder) problems.push(...misplaced(file, ['auth', 'region'], 'a bucket', at));
  else problems.push(...misplaced(file, ['settle'], 'a folder', at));
  if (!isFolder && !file.auth)
    problems.push({ path: `${at}.auth`, message: 'is missing: a bucket is asked with a key' });
  if (file.format !== 'csv') problems.push(...misplaced(file, ['delimiter'], 'the format csv', at));
  return problems;
}

const misplaced = (file: object, members: readonly string[], of: string, at: string): Problem[] =>
  members
    .filter((member) => Object.hasOwn(file, member))
    .map((member) => ({ path: `${at}.${member}`, message: `goes with ${of} alone` }));
