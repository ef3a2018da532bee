import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DOCUMENT_STATES } from '#libs/contracts/orchestrator.contract';
import { Document, DocumentKind } from '#libs/documents/pipeline';
import { ResolvedPipeline } from '#libs/documents/resolve';

/** A document as it stands now. */
@Entity({ schema: 'orchestrator', name: 'documents' })
export class DocumentRecord {
  @PrimaryColumn('text') project: string;
  @PrimaryColumn('text') kind: DocumentKind;
  @PrimaryColumn('text') name: string;
  @Column('int', { name: 'latest_version' }) latestVersion: number;
  /** The version that this name began with, this time. */
  @Column('int', { name: 'first_version' }) firstVersion: number;
  @Column('int', { name: 'active_version', nullable: true }) activeVersion: number | null;
  @Column('text') state: (typeof DOCUMENT_STATES)[number];
  /** Why the latest version is not active yet. */
  @Column('text', { name: 'waiting_for', nullable: true }) waitingFor: string | null;
  /** The next tick of a scheduled pipeline that is not accounted for yet. */
  @Column('timestamptz', { name: 'next_tick_at', nullable: true }) nextTickAt: Date | null;
}

/** One version of a document; never changed. */
@Entity({ schema: 'orchestrator', name: 'document_versions' })
export class DocumentVersion {
  @PrimaryColumn('text') project: string;
  @PrimaryColumn('text') kind: DocumentKind;
  @PrimaryColumn('text') name: string;
  @PrimaryColumn('int') version: number;
  /** SHA-256 of the canonical JSON of what the version freezes. */
  @Column('text') digest: string;
  @Column('jsonb') document: Document;
  /** A pipeline with its references written out; null for other kinds. */
  @Column('jsonb', { nullable: true }) resolved: ResolvedPipeline | null;
  @Column('timestamptz', { name: 'applied_at' }) appliedAt: Date;
  @Column('text', { name: 'applied_by' }) appliedBy: string;
}
