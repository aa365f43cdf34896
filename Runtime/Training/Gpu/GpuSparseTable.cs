using Graph.Execution;
using ILGPU;

namespace Graph.Training;

/// <summary><see cref="SparseTable"/> on a device. Identifiers are not checked there: the host does that before it uploads them.</summary>
internal static class GpuSparseTable
{
    /// <summary>Copies the rows of the identifiers one after another.</summary>
    /// <param name="queue">The device's.</param>
    /// <param name="table">All rows.</param>
    /// <param name="width">Floats a row.</param>
    /// <param name="ids">Identifier of each slot.</param>
    /// <param name="slots">Their number.</param>
    /// <param name="destination">slots · width floats.</param>
    public static void Gather(GpuQueue queue, Ref table, int width, IntRef ids, int slots, Ref destination) =>
        queue.Launch(
            GatherKernel,
            slots,
            GpuGroup.For(width),
            new GpuArguments { R0 = GpuQueue.At(table), R1 = GpuQueue.At(ids), R2 = GpuQueue.At(destination), I0 = width });

    /// <summary>One SignSGD step on the rows of the identifiers; gradients of repeated ones are summed in order before the sign is taken.</summary>
    /// <param name="queue">The device's.</param>
    /// <param name="table">All rows.</param>
    /// <param name="width">Floats a row.</param>
    /// <param name="ids">Identifier of each slot; may repeat.</param>
    /// <param name="slots">Their number.</param>
    /// <param name="gradients">slots · width floats.</param>
    /// <param name="learningRate">Length of the step of each value.</param>
    /// <param name="weightDecay">Decoupled: the row is first multiplied by 1 - learning rate · this.</param>
    public static void Update(GpuQueue queue, Ref table, int width, IntRef ids, int slots, Ref gradients, double learningRate, double weightDecay) =>
        queue.Launch(
            UpdateKernel,
            slots,
            GpuGroup.For(width),
            new GpuArguments { R0 = GpuQueue.At(table), R1 = GpuQueue.At(ids), R2 = GpuQueue.At(gradients), I0 = width, I1 = slots, F0 = (float)(1 - (learningRate * weightDecay)), F1 = (float)learningRate });

    private static void GatherKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var from = a.R0 + ((long)integers[a.R1 + Grid.IdxX] * a.I0);
        var to = a.R2 + ((long)Grid.IdxX * a.I0);
        for (var i = Group.IdxX; i < a.I0; i += Group.DimX)
        {
            floats[to + i] = floats[from + i];
        }
    }

    /// <summary>A group a slot. The first slot of an identifier does the work of all of its slots, the others none.</summary>
    private static void UpdateKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        int slot = Grid.IdxX, id = integers[a.R1 + slot];
        for (var other = 0; other < slot; other++)
        {
            if (integers[a.R1 + other] == id)
            {
                return;
            }
        }

        var row = a.R0 + ((long)id * a.I0);
        for (var i = Group.IdxX; i < a.I0; i += Group.DimX)
        {
            var sum = 0f;
            for (var other = slot; other < a.I1; other++)
            {
                if (integers[a.R1 + other] == id)
                {
                    sum += floats[a.R2 + ((long)other * a.I0) + i];
                }
            }

            var sign = sum > 0f ? 1f : sum < 0f ? -1f : 0f;
            floats[row + i] = (floats[row + i] * a.F0) - (a.F1 * sign);
        }
    }
}
