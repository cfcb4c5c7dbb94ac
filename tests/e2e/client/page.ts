// What a frontend does with the generated client: ask, and use the answer with the compiler's help.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import {
  DashboardDocument,
  FacetsDocument,
  LiveDocument,
  OfferDocument,
  SubmitDocument,
  type DashboardQueryVariables,
} from "./generated/graphql";

async function ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const answer: { data: Data } = await response.json();
  return answer.data;
}

export async function dashboard(variables: DashboardQueryVariables): Promise<string[]> {
  const { cohort } = await ask(DashboardDocument, variables);
  const through: string | null | undefined = cohort.sample.to;
  const levels = cohort.breakdown.nodes.map(({ keys, cohort: group }) => {
    const median = group.distribution.quantiles.find(({ p }) => p === 0.5)?.estimate;
    // the compiler insists that a figure may be withheld
    return `${keys[0]?.label}: ${median ? median.value.toFixed(0) : group.distribution.suppression?.message}`;
  });
  return [...levels, `until ${through ?? "now"}`];
}

export const facets = (level: "SENIOR" | "STAFF") => ask(FacetsDocument, { where: { level: [level] } });

export const offer = () =>
  ask(OfferDocument, { offer: { title: "ML Engineer", place: "Berlin", currency: "EUR", base: 90_000 } });

export const submit = (id: string) =>
  ask(SubmitDocument, {
    report: {
      source: "https://form.example.org",
      id,
      effective: "2025-03",
      title: "ML Engineer",
      pay: { currency: "EUR", base: { amount: 90_000 } },
    },
  });

// @ts-expect-error there is no such level
export const wrongLevel = () => ask(FacetsDocument, { where: { level: ["WIZARD"] } });

// @ts-expect-error an offer says what is paid
export const wrongOffer = () => ask(OfferDocument, { offer: { title: "ML Engineer", place: "Berlin" } });

export const live = print(LiveDocument);
