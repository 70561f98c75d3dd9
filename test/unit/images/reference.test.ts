import { expect } from 'chai';
import { AirError } from '../../../src/lib/errors.js';
import { parseImageReference } from '../../../src/lib/images/reference.js';

const digest = `sha256:${'0f'.repeat(32)}`;

describe("an image's address", () => {
  const cases: [string, string, string][] = [
    ['python', 'docker.io/library/python:latest', 'docker.io'],
    [' python:3.12\n', 'docker.io/library/python:3.12', 'docker.io'],
    ['team/train', 'docker.io/team/train:latest', 'docker.io'],
    ['a/b/c:1', 'docker.io/a/b/c:1', 'docker.io'],
    ['docker.io/python', 'docker.io/library/python:latest', 'docker.io'],
    ['index.docker.io/team/train:2', 'docker.io/team/train:2', 'index.docker.io'],
    ['registry-1.docker.io/team/train', 'docker.io/team/train:latest', 'registry-1.docker.io'],
    ['localhost/x', 'localhost/x:latest', 'localhost'],
    ['localhost:5000/x', 'localhost:5000/x:latest', 'localhost:5000'],
    ['registry:5000/x', 'registry:5000/x:latest', 'registry:5000'],
    ['registry.example.com/a/b', 'registry.example.com/a/b:latest', 'registry.example.com'],
    ['registry.example.com:8443/a:7', 'registry.example.com:8443/a:7', 'registry.example.com:8443'],
    ['https://ghcr.io/team/train:7', 'ghcr.io/team/train:7', 'ghcr.io'],
    ['docker://nvcr.io/nvidia/pytorch:25.01-py3', 'nvcr.io/nvidia/pytorch:25.01-py3', 'nvcr.io'],
    [`python@${digest}`, `docker.io/library/python@${digest}`, 'docker.io'],
    [`ghcr.io/a/b:7@${digest}`, `ghcr.io/a/b@${digest}`, 'ghcr.io'],
    [`localhost:5000/x@${digest}`, `localhost:5000/x@${digest}`, 'localhost:5000'],
  ];
  for (const [text, url, registry] of cases) {
    it(`${JSON.stringify(text)} is ${url}`, () => {
      expect(parseImageReference(text)).to.deep.equal({ given: text.trim(), url, registry });
    });
  }

  for (const text of [
    '',
    '  ',
    'a b',
    '/x',
    'a//b',
    'a/',
    ':tag',
    '@sha256:0',
    'a;rm',
    '$(x)',
    'ftp://x/y',
    "a'b",
    'python@latest',
    'a@b@sha256:00000000000000000000000000000000',
  ]) {
    it(`${JSON.stringify(text)} is none`, () => {
      expect(() => parseImageReference(text))
        .to.throw(AirError)
        .with.property('code', 'INVALID_ARGS');
    });
  }

  it('with a login in it is refused, and the login not shown', () => {
    expect(() => parseImageReference('https://me:planted-word@registry.example.com/a:1'))
      .to.throw(AirError, /login does not belong/)
      .with.property('message')
      .that.does.not.contain('planted-word');
  });
});
