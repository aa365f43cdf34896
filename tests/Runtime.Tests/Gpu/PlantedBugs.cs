using Graph.Execution;
using ILGPU;

namespace Graph.Tests.Gpu;

/// <summary>Kernels with one fault each, by which the checkers are checked. Two groups of 64; R0: the input, R1: the output, both of 128 floats.</summary>
internal static class PlantedBugs
{
    public const int Groups = 2;

    public const int GroupSize = 64;

    public const int Output = Groups * GroupSize;

    /// <summary>Memory ends with the output.</summary>
    public const int Floats = 2 * Output;

    public static void RaceShared(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var shared = SharedMemory.Allocate<float>(GroupSize);
        shared[Group.IdxX] = 0;
        Group.Barrier();
        shared[Group.IdxX] = floats[a.R0 + Group.IdxX];
        floats[Out(a)] = shared[GroupSize - 1 - Group.IdxX];
    }

    public static void RaceGlobal(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a) => floats[a.R1 + Group.IdxX] = Grid.IdxX;

    public static void OutOfBoundsGlobal(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a) => floats[Out(a) + 1] = floats[a.R0 + Group.IdxX];

    public static void OutOfBoundsShared(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var shared = SharedMemory.Allocate<float>(GroupSize);
        shared[Group.IdxX] = floats[a.R0 + Group.IdxX];
        Group.Barrier();
        floats[Out(a)] = shared[Group.IdxX + 1];
    }

    public static void UninitialisedShared(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var shared = SharedMemory.Allocate<float>(GroupSize);
        if (Group.IdxX < GroupSize / 2)
        {
            shared[Group.IdxX] = floats[a.R0 + Group.IdxX];
        }

        Group.Barrier();

        // Oclgrind tells of an unwritten value where it decides something.
        floats[Out(a)] = shared[Group.IdxX] > 0 ? 1 : 2;
    }

    public static void DivergentBarrier(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        if (Group.IdxX < GroupSize / 2)
        {
            Group.Barrier();
        }

        floats[Out(a)] = floats[a.R0 + Group.IdxX];
    }

    private static long Out(GpuArguments a) => a.R1 + (Grid.IdxX * GroupSize) + Group.IdxX;
}
