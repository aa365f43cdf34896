namespace Graph.Execution;

/// <summary>What a thread of a compiled kernel takes; zeros: not known.</summary>
/// <param name="Registers">32-bit registers.</param>
/// <param name="SpilledBytes">Bytes of registers that did not fit and lie in memory.</param>
public readonly record struct KernelResources(int Registers, int SpilledBytes);
