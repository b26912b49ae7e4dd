// The AWS SDK for JavaScript against a running openprofiles: prints what each step got, as JSON.
//
//     node journey.mjs URL DOMAIN

import {
  AddProfileKeyCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  CustomerProfilesClient,
  DeleteDomainCommand,
  GetDomainCommand,
  GetUploadJobCommand,
  ListProfileObjectsCommand,
  ListTagsForResourceCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-customer-profiles";

const [endpoint, DomainName] = process.argv.slice(2);
const client = new CustomerProfilesClient({
  endpoint,
  region: "us-east-1",
  credentials: {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
    sessionToken: process.env.AWS_SESSION_TOKEN,
  },
  maxAttempts: 1,
});
const steps = {};

async function step(name, command) {
  try {
    const { $metadata, ...answer } = await client.send(command);
    steps[name] = { ...answer, status: $metadata.httpStatusCode, requestId: $metadata.requestId };
  } catch (error) {
    const { httpStatusCode: status, requestId } = error.$metadata;
    steps[name] = { error: error.name, message: error.message, status, requestId };
  }
  return steps[name];
}

const created = await step(
  "createDomain",
  new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, Tags: { team: "crm" } }),
);
created.createdAtIsADate = created.CreatedAt instanceof Date;
await step(
  "putType",
  new PutProfileObjectTypeCommand({
    DomainName,
    ObjectTypeName: "person",
    Description: "People",
    AllowProfileCreation: true,
    Fields: {
      id: { Source: "_source.id" },
      phone: {
        Source: "_source.phone",
        Target: "_profile.PhoneNumber",
        ContentType: "PHONE_NUMBER",
      },
      firstName: { Source: "_source.firstName", Target: "_profile.FirstName" },
    },
    Keys: {
      personId: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
      _phone: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["phone"] }],
    },
  }),
);
const objects = ["1", "2", "3"].map((id) =>
  JSON.stringify({ id, phone: "+4930123456", firstName: "Zoë 🙂" }),
);
for (const [at, Object] of objects.entries()) {
  await step(
    `putObject${at + 1}`,
    new PutProfileObjectCommand({ DomainName, ObjectTypeName: "person", Object }),
  );
}
const found = await step(
  "search",
  new SearchProfilesCommand({ DomainName, KeyName: "_phone", Values: ["+4930123456"] }),
);
const ProfileId = found.Items?.[0]?.ProfileId;

const page = { DomainName, ObjectTypeName: "person", ProfileId, MaxResults: 2 };
const first = await step("listFirstPage", new ListProfileObjectsCommand(page));
await step(
  "listLastPage",
  new ListProfileObjectsCommand({ ...page, NextToken: first.NextToken }),
);
const other = await step("createProfile", new CreateProfileCommand({ DomainName, LastName: "Å" }));
await step(
  "addKey",
  new AddProfileKeyCommand({
    DomainName,
    ProfileId: other.ProfileId,
    KeyName: "_email",
    Values: ["a@example.org"],
  }),
);
await step("getDomain", new GetDomainCommand({ DomainName }));

const resourceArn = `arn:aws:profile:us-east-1:000000000000:domains/${DomainName}/object-types/person`;
await step("tag", new TagResourceCommand({ resourceArn, tags: { a: "1", b: "ü", c: "3" } }));
await step("untag", new UntagResourceCommand({ resourceArn, tagKeys: ["a", "c"] }));
await step("tags", new ListTagsForResourceCommand({ resourceArn }));

await step("missing", new GetDomainCommand({ DomainName: `${DomainName}-none` }));
await step("twice", new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1 }));
await step("badName", new GetDomainCommand({ DomainName: "a b/c" }));
await step("notOffered", new GetUploadJobCommand({ DomainName, JobId: "a".repeat(32) }));
await step("deleteDomain", new DeleteDomainCommand({ DomainName }));

console.log(JSON.stringify(steps));
