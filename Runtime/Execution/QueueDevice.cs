namespace Graph.Execution;

/// <summary>A device that is nothing but a queue: an interpreter that proves kernels, or a counter of their work.</summary>
/// <param name="id">Short name.</param>
/// <param name="open">Opens a queue with so much memory.</param>
/// <param name="bfloat16">Products run on tensor cores, and activations lie as bfloat16.</param>
public sealed class QueueDevice(string id, Func<QueueMemory, GpuQueue> open, bool bfloat16 = false) : Device
{
    public override string Id => id;

    public override string Name => id;

    public override bool StoresBfloat16 => bfloat16;

    public override bool HasTensorCores => bfloat16;

    internal override ProgramMemory Allocate(CompiledProgram program) => new GpuMemory(program.Table, DeviceLayout.Of(program, program.Batch), open);
}
