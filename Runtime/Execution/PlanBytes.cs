namespace Graph.Execution;

/// <summary>The bytes that a program allocates for its plan (<see cref="ProgramMemory.Bytes"/>), known before they are allocated.</summary>
public static class PlanBytes
{
    /// <summary>Copies of the weights that training keeps beside the program's, at most: two moments and the average.</summary>
    public const int TrainingCopies = 3;

    /// <summary>On the CPU: weights, gradients, packed weights, activations, inputs, and scratch of each thread.</summary>
    /// <param name="plan">The program's plan.</param>
    /// <param name="threads">Threads; 0: one per core.</param>
    /// <param name="bfloat16">Products in bfloat16: packed weights take half.</param>
    public static long OnCpu(PlanTable plan, int threads, bool bfloat16 = false)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var scratch = (threads > 0 ? threads : Environment.ProcessorCount) * (LocalScratch.OperatorFloats + plan.BlockScratch);
        return sizeof(float) * ((2 * plan.WeightFloats) + CpuMemory.PackedFloats(plan, bfloat16) + (plan.FloatsPerSample * plan.Batch) + plan.Integers + scratch);
    }

    /// <summary>On a GPU: weights, gradients, activations, inputs, scratch of regions and operators, and what training adds.</summary>
    /// <param name="program">It need not have memory: one made for a <see cref="PlanDevice"/> serves, which says whether activations lie as bfloat16.</param>
    public static long OnGpu(CompiledProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return DeviceLayout.Of(program, program.Batch).Bytes;
    }
}
