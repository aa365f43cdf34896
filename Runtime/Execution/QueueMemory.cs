namespace Graph.Execution;

/// <summary>What a queue is opened with: all memory that it will need, so that it allocates once.</summary>
/// <param name="Floats">The program's floats on the device, zero at first.</param>
/// <param name="Integers">Its integers, zero at first.</param>
/// <param name="Reserve">Floats behind them, for <see cref="GpuQueue.Table"/> and <see cref="GpuQueue.Scratch"/>.</param>
/// <param name="Copied">Floats that a step copies in one direction, at most: the size of page-locked buffers, where the device uses such.</param>
public readonly record struct QueueMemory(long Floats, long Integers, long Reserve = 0, long Copied = 0);
